"""What can go wrong with a capture file, named for what the reader can do about it."""


class CaptureError(Exception):
    """A recording cannot be made or opened; the message is one line: which file, what was wrong, what to do."""

    def __init__(self, path: object, what: str, remedy: str) -> None:
        super().__init__(f"{path}: {what}; {remedy}".replace("\n", " "))
        self.path = str(path)


def unreadable(path: object, problem: OSError) -> CaptureError:
    """What to raise where a capture cannot be opened or read."""
    return CaptureError(path, f"cannot be read ({problem.strerror})", "give a capture file that exists and that you may read")


class CaptureExists(CaptureError):
    """A file of that name is there and is not overwritten unasked."""
