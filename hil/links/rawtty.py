"""A terminal line that changes no byte: what must be off for a frame to pass whole. Knows no link."""

import termios

# termios.tcgetattr gives [iflag, oflag, cflag, lflag, ispeed, ospeed, cc].
IFLAG, OFLAG, CFLAG, LFLAG, CC = 0, 1, 2, 3, 6

CHANGES_INPUT = (
    termios.IGNBRK | termios.BRKINT | termios.PARMRK | termios.ISTRIP | termios.INPCK
    | termios.INLCR | termios.IGNCR | termios.ICRNL | termios.IXON | termios.IXOFF | termios.IXANY
)  # fmt: skip
CHANGES_LOCALLY = termios.ECHO | termios.ECHONL | termios.ICANON | termios.ISIG | termios.IEXTEN


def make_raw(fd: int, hang_up: bool = False) -> None:
    """Sets 8 bits, no echo, no translation, no flow control; an empty read then means a hang-up, not a lack of bytes.

    Unless it is to `hang_up`, closing the port does not drop DTR, so a board that resets on DTR keeps running.
    Raises termios.error where `fd` is no terminal.
    """
    attributes = termios.tcgetattr(fd)
    attributes[IFLAG] &= ~CHANGES_INPUT
    attributes[OFLAG] &= ~termios.OPOST
    attributes[CFLAG] &= ~(termios.CSIZE | termios.PARENB | termios.CSTOPB | termios.HUPCL)
    attributes[CFLAG] |= termios.CS8 | termios.CREAD | termios.CLOCAL | (termios.HUPCL if hang_up else 0)
    attributes[LFLAG] &= ~CHANGES_LOCALLY
    attributes[CC][termios.VMIN] = 1
    attributes[CC][termios.VTIME] = 0
    termios.tcsetattr(fd, termios.TCSANOW, attributes)
