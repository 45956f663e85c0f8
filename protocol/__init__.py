"""Bytes and their meaning: frames, layouts and request state. It must not know a clock, a port or a pump."""
