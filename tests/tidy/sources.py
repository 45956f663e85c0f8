"""Knows which files are the project's own, and reads them once. Judges nothing."""

import ast
import gzip
import re
import subprocess
from functools import cache
from pathlib import Path

from tests.support import ROOT

ROOMS = ("protocol", "firmware_emu", "hil", "tools")
PURE = ("protocol", "firmware_emu")
TEXTS = re.compile(r"[ -~]{30,}")


@cache
def files() -> tuple[Path, ...]:
    """Every file of the checkout that git tracks or would track, relative to its top."""
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    names = [Path(name) for name in listed.stdout.decode().split("\0") if name]
    return tuple(sorted(name for name in names if (ROOT / name).is_file()))


def with_suffix(*suffixes: str) -> list[Path]:
    """The project's files that end so."""
    return [path for path in files() if path.suffix in suffixes]


def python_in(*folders: str) -> list[Path]:
    """The Python files whose top folder is one of `folders`."""
    return [path for path in with_suffix(".py") if path.parts[0] in folders]


@cache
def text(path: Path) -> str:
    """The whole file; bytes that are no UTF-8 are replaced. Of a packed capture its texts: chance spells words in frames."""
    if path.suffix == ".gz":
        return "\n".join(TEXTS.findall(gzip.decompress((ROOT / path).read_bytes()).decode(errors="replace")))
    return (ROOT / path).read_text(errors="replace")


@cache
def tree(path: Path) -> ast.Module:
    """The parsed module."""
    return ast.parse(text(path), str(path))


def at(path: Path, node: ast.AST) -> str:
    """`file:line`, for a finding that an editor can open."""
    return f"{path}:{getattr(node, 'lineno', 1)}"


def imports(path: Path) -> list[tuple[str, ast.AST]]:
    """Every absolute module name that `path` imports, at any depth, relative imports resolved to pumpbench.*."""
    package = ["pumpbench", *path.parent.parts]
    found: list[tuple[str, ast.AST]] = []
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found += [(alias.name, node) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            found += [(f"{module}.{alias.name}", node) for alias in node.names]
    return found
