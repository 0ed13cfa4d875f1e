#!/usr/bin/env bash
# deltalake 1.6.6: DeltaTable.history() numbers versions by their place in the list, not by the log entry they come from. The
# protocol makes commitInfo optional; behind an entry that another writer left without one, every older commit is told under the
# version after its own, with the properties of the wrong commit. Whoever looks up "which batch wrote version 2" gets that of version 1.
# Way around: read _delta_log/<version>.json by its name.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check deltalake==1.6.6 pyarrow==26.0.1
cd "$folder"
cat >look.py <<'PYTHON'
import json
from importlib.metadata import version
from pathlib import Path

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, write_deltalake

for number in range(4):
    batch = CommitProperties(custom_metadata={"batch": f"of version {number}"})
    write_deltalake("orders", pa.table({"id": [number]}), mode="append", commit_properties=batch)
entry = Path("orders/_delta_log/00000000000000000002.json")
actions = [line for line in entry.read_text().splitlines() if "commitInfo" not in json.loads(line)]
entry.write_text("\n".join(actions) + "\n")
table = DeltaTable("orders")
told = [(commit["version"], commit["batch"]) for commit in table.history()]
print(version("deltalake"), "rows:", table.count(), "newest:", table.version())
for commit in told:
    print(commit)
assert (table.count(), table.version()) == (4, 3)
assert told == [(3, "of version 3"), (2, "of version 1"), (1, "of version 0")]
PYTHON
"$folder/venv/bin/python" look.py
