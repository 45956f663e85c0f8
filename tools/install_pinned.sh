#!/bin/sh
# Installs exactly the hashed versions of $2 and this checkout, editable, with the Python $1. Building uses pinned tools too.
set -eu

"$1" -m pip install -q --require-hashes -r requirements/build.txt
"$1" -m pip install -q --require-hashes --no-build-isolation -r "$2"
"$1" -m pip install -q --no-deps --no-build-isolation -e .
