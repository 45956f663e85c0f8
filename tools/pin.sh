#!/bin/sh
# Writes requirements/*.txt with the uv at $1: one version for each Python from 3.11 on, hashes of every file of it, no addresses.
set -eu

pin() {
    output=$1
    shift
    "$uv" pip compile -q --upgrade --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
        --no-emit-index-url --no-emit-find-links "$@" -o "requirements/$output"
}

uv=$1
pin build.txt requirements/build.in
pin test.txt pyproject.toml requirements/test.in -c requirements/build.txt
pin lint.txt requirements/lint.in -c requirements/test.txt
pin bench.txt pyproject.toml requirements/bench.in -c requirements/test.txt -c requirements/lint.txt
pin rigs.txt pyproject.toml requirements/rigs.in -c requirements/test.txt -c requirements/build.txt
