"""The pytest plugin: one test function on any target, with a rig's verdict; it parses nothing that pytest does not hand it."""
