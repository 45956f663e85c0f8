"""`python -m pumpbench.tools.guest`: builds the Linux guest and tells what that took; it is the tests that use it."""

import argparse
import sys
from collections.abc import Sequence

from pumpbench.hil.guest.image import Image, built
from pumpbench.tools.edge import guarded

MB = 1_000_000


def main(arguments: Sequence[str] | None = None) -> int:
    """Makes what is missing or older than its recipe. A machine that cannot says so in one line, and the code is 4."""
    parser = argparse.ArgumentParser(prog="make guest", description=main.__doc__)
    parser.add_argument("--image", action="store_true", help="the image alone, and nothing said where it is there")
    if parser.parse_args(arguments).image:
        image, took_s = built()
        if took_s:
            _tell_image(image, took_s)
        return 0
    from pumpbench.hil.guest.ready import ready

    made = ready()
    _tell_image(made.image, made.image_s)
    booted = f"booted and saved in {made.boot_s:.1f} s" if made.boot_s else "was booted before"
    print(f"guest: {booted}, its state {made.state.stat().st_size / MB:.0f} MB", file=sys.stderr)
    return 0


def _tell_image(image: Image, took_s: float) -> None:
    made = f"made in {took_s:.1f} s" if took_s else "is there"
    print(f"guest: image {image.key} {made}, {image.size_bytes / MB:.0f} MB", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(guarded(main))
