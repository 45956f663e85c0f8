"""The checks themselves, a module for each group; importing one declares its checks."""
