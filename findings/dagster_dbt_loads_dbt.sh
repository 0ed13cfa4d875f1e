#!/usr/bin/env bash
# dagster-dbt 0.29.27 with dbt-core 1.11.16: `import dagster_dbt`, all that a code location with @dbt_assets needs beside the manifest,
# loads dbt itself: more than a hundred modules of it, about a second of CPU at every start of the web server, the daemon and each run,
# also where no model is ever built.
# Way around: make dg.AssetSpec and dg.AssetCheckSpec from the manifest, and import dbt where it builds.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check dagster==1.13.27 dagster-dbt==0.29.27 dbt-core==1.11.16
cat >"$folder/loaded.py" <<'PYTHON'
import sys
import time

import dagster

began = time.process_time()
before = {*sys.modules}
import dagster_dbt

new = [name for name in {*sys.modules} - before if name.split(".")[0] == "dbt"]
print(f"modules of dbt: {'more than 100' if len(new) > 100 else len(new)}; {time.process_time() - began:.1f} CPU s more")
PYTHON
"$folder/venv/bin/python" "$folder/loaded.py" | tee "$folder/seen"
"$folder/venv/bin/pip" list 2>/dev/null | grep -E "^(dagster|dagster-dbt|dbt-core) "
grep -q "^modules of dbt: more than 100;" "$folder/seen"
