"""Scenarios: what happens to a pump, when, and what must come of it. Neither prints nor reads arguments."""
