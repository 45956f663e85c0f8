"""Converting: the frames of a capture as tables and logs that other programs read."""
