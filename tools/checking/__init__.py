"""What `check` prints and writes of a conformance run, a small file for each form."""
