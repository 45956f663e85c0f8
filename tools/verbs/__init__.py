"""One module per verb of the command line, each with its `command`; loaded only when asked for."""
