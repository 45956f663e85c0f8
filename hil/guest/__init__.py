"""A Linux guest under QEMU, for what only a real kernel's USB stack shows: built, booted, restored, spoken to; knows no pump."""
