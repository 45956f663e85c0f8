"""Rigs: a pump under a bench, alone or in lockstep with the reference. Knows no scenario and prints nothing."""

from pumpbench.hil.rig.rig import Diverged, Rig, RigResult, Stamped

__all__ = ["Diverged", "Rig", "RigResult", "Stamped"]
