"""Decoding: the frames of a file, as lines for people and programs."""
