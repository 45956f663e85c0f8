"""Knows how a verb ends early: one line for the reader and an exit code; it must not print."""

from pumpbench.hil.verdict import EXIT_USAGE


class Failed(Exception):
    """Ends the command with `line` on stderr. `exit_code`: 2 (usage) unless told; architecture.md has the table."""

    def __init__(self, line: str, exit_code: int = EXIT_USAGE) -> None:
        super().__init__(line)
        self.exit_code = exit_code
