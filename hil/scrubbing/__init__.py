"""Scrubbing: a capture without what names a patient, a device, a place or a date. It plays the session under another identity."""

from pumpbench.hil.scrubbing.aliases import Aliases
from pumpbench.hil.scrubbing.scrub import SCRUBBED_FROM, Scrubbed, scrub

__all__ = ["SCRUBBED_FROM", "Aliases", "Scrubbed", "scrub"]
