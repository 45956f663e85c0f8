"""Knows how this command was called, so that a line to type next can be typed as it stands; it must not read arguments."""

import os
import shlex
import shutil
import sys
from pathlib import Path
from typing import Final

NAME: Final = "pumpbench"


def called() -> str:
    """`pumpbench` where the shell finds this very one under that name, else the path that it was called by."""
    path = Path(sys.argv[0])
    if path.name != NAME or not path.exists():
        return NAME  # python -c, a test runner
    found = shutil.which(NAME)
    return NAME if found is not None and os.path.samefile(found, path) else shlex.quote(str(path))
