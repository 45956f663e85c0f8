"""Replay: what a capture holds, played to a target again, with a verdict and how sure it is. Knows no live rig."""

from pumpbench.hil.replay.loader import load
from pumpbench.hil.replay.player import Played
from pumpbench.hil.replay.recorded import Gap, Recorded
from pumpbench.hil.replay.replay import NOT_COVERED, ReplayResult, Sureness, replay, replay_on

__all__ = ["NOT_COVERED", "Gap", "Played", "Recorded", "ReplayResult", "Sureness", "load", "replay", "replay_on"]
