"""Whom we are measured against, in the process that has their packages; every function sets one contender up."""
