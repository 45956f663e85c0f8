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
    apt-get update -qq || true
    # Not every release has each of them, and one unknown name would keep the others away.
    known=
    for package in $missing; do
        if apt-cache show "$package" >/dev/null 2>&1; then known="$known $package"
        else echo "make test: this release has no $package; the tests that need it are left out" >&2; fi
    done
    [ -n "$known" ] || exit 0
    if apt-get install -y -qq --no-install-recommends $known >/dev/null; then
        exit 0
    fi
    echo "make test: apt-get could not install$known; the tests that need them are left out" >&2
else
    echo "make test: some tests will be left out; for all of them: apt install$missing" >&2
fi
