#!/usr/bin/env bash
# pandera 0.35.0 with polars 2.1.0: DataFrameSchema.validate collects four plans for every column that is never null and has one check,
# one after the other, however small the frame: twenty such columns are 82 plans. For a table of a hundred rows that is nearly all
# the time it takes.
# Way around: collect the checks together with pl.collect_all, and let pandera validate only a frame that fails, for its words.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check "pandera[polars]==0.35.0" polars==2.1.0
cat >"$folder/count.py" <<'PYTHON'
import pandera.polars as pa
import polars as pl

n_collected = 0
collect = pl.LazyFrame.collect


def counted(self, *arguments, **named):
    global n_collected
    n_collected += 1
    return collect(self, *arguments, **named)


pl.LazyFrame.collect = counted
for n in (1, 20):
    n_collected = 0
    names = [f"amount_{k}" for k in range(n)]
    schema = pa.DataFrameSchema({name: pa.Column(int, pa.Check.ge(0), nullable=False) for name in names})
    schema.validate(pl.DataFrame({name: [1, 2, 3] for name in names}))
    print(f"{n} columns: {n_collected} plans collected")
PYTHON
"$folder/venv/bin/python" "$folder/count.py" | tee "$folder/seen"
"$folder/venv/bin/pip" list 2>/dev/null | grep -E "^(pandera|polars) "
grep -qx "20 columns: 82 plans collected" "$folder/seen"
