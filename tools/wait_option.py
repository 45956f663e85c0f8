"""The flag --wait of every verb that opens, flashes or resets a board; it must not know how waiting is done."""

import click

wait_option = click.option(
    "--wait", metavar="TIME", help="How long to wait while somebody else holds the board, such as 10m. [default: 0s]"
)
