#!/bin/sh
# Clones HEAD into an empty folder and runs both commands of the README there, with PATH and an empty HOME for environment.
# Clone and HOME have to be as clean afterwards as before.
set -eu

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch/home"
git clone -q --no-hardlinks . "$scratch/clone"
cd "$scratch/clone"

for verb in run test; do
    echo "fresh clone: make $verb"
    env -i PATH="$PATH" HOME="$scratch/home" make "$verb" </dev/null
    left=$(git status --porcelain; ls -A "$scratch/home")
    [ -z "$left" ] || { echo "fresh clone: make $verb left behind: $left" >&2; exit 1; }
done
echo "fresh clone: both commands pass, and nothing is left behind"
