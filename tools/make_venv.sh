#!/bin/sh
# Makes the virtual environment $1 with the first Python >= 3.11 at hand ($PYTHON, if set, is the only candidate).
# What is missing is said in one line with its cure.
set -eu

for python in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { too_old="$python is $version"; continue; }
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        echo "make: $python $version cannot make a virtual environment: apt install python3-venv" >&2
        exit 1
    fi
    exec "$python" -m venv "$1"
done
echo "make: no Python 3.11 or later (${too_old:-none found}): apt install python3 python3-venv, or make PYTHON=/path/to/python3.11" >&2
exit 1
