"""What we measure of our own, one module a subject; every function sets one contender up."""
