#!/usr/bin/env bash
# pyspark-client 4.2.0: importing the Spark Connect client in a program that was started from no file (`python -c`, or a process
# that multiprocessing has spawned) takes the program for Spark's own doctests, looks for a Spark home that a client never has, and
# ends the interpreter with exit code 255, as SystemExit: `except Exception` around the import does not see it. The same lines in
# a file import. What to do: give __main__ a __file__ for as long as the import takes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check "pyspark-client==4.2.0" "pandas==2.3.3" "setuptools<81"

echo "from pyspark.sql.connect.session import SparkSession
print('imported')" > program.py
echo "try:
    from pyspark.sql.connect.session import SparkSession
    print('imported')
except Exception:
    print('an error')" > guarded.py

echo "from a file:"
env/bin/python program.py | tee file.txt
grep -qx imported file.txt

for program in program guarded; do
  code=0
  env/bin/python -c "$(cat "$program.py")" > out.txt 2>&1 || code=$?
  echo "with -c, $program: exit code $code, $(grep -c 'Could not find valid SPARK_HOME' out.txt) line about a Spark home"
  [[ $code == 255 ]]
  grep -q "Could not find valid SPARK_HOME" out.txt
  if grep -qx -e imported -e "an error" out.txt; then exit 1; fi
done

echo "with -c, and a __file__ of its own:"
env/bin/python -c "__file__ = 'program.py'
$(cat program.py)" | tee given.txt
grep -qx imported given.txt
