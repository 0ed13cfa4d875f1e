#!/usr/bin/env bash
# dbt-core 1.11.16: every command imports, and so runs, each top-level module on Python's path whose name begins with dbt_, as it
# could be a plugin. Called from a Python program (dbtRunner), the path begins with the folder of that program: a helper script
# such as dbt_load.py beside it runs in the middle of the build, and when it fails so does the command.
# Way around: name scripts of one's own otherwise, or keep them in a package.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check dbt-core==1.11.16 dbt-duckdb==1.11.1
mkdir -p "$folder/project/models"
cd "$folder/project"
printf 'name: shop\nversion: "1.0.0"\nconfig-version: 2\nprofile: shop\n' >dbt_project.yml
printf 'shop:\n  target: dev\n  outputs:\n    dev: {type: duckdb, path: ":memory:"}\n' >profiles.yml
echo "select 1 as one" >models/one.sql
cat >nightly.py <<'PYTHON'
from dbt.cli.main import dbtRunner

print("succeeded:", dbtRunner().invoke(["--quiet", "--no-send-anonymous-usage-stats", "build"]).success)
PYTHON
for text in 'print("the script ran")' 'raise SystemError("no file given")'; do
  echo "$text" >dbt_load.py
  "$folder/venv/bin/python" nightly.py 2>&1 | tee -a seen
done
"$folder/venv/bin/pip" list 2>/dev/null | grep -E "^dbt-(core|duckdb) "
grep -qx "the script ran" seen
[[ $(grep -c "succeeded: True" seen) == 1 && $(grep -c "succeeded: False" seen) == 1 ]]
