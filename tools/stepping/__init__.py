"""Stepping: a pump at one tick of a recorded run, to look at, to move and to disturb."""
