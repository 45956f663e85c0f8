"""Handling captures: looking at them, mending, choosing, joining, scrubbing and converting them."""
