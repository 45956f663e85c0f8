"""Running: one scenario on one rig, shown while it runs and told when it is over."""
