#!/bin/sh
# Installs the missing packages of requirements/apt.txt when root and apt are there; otherwise prints the one line and goes on.
set -eu

missing=
for package in $(grep -v '^#' requirements/apt.txt); do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    export DEBIAN_FRONTEND=noninteractive
    if apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing >/dev/null; then
        exit 0
    fi
    echo "make test: apt-get could not install$missing; the tests that need them are left out" >&2
else
    echo "make test: some tests will be left out; for all of them: apt install$missing" >&2
fi
