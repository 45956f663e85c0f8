"""Re-runs: what a capture tells a pump, told to the reference again, so that what no frame shows can be read. Judges nothing."""

from pumpbench.hil.rerun.course import Course, Sample, course_of
from pumpbench.hil.rerun.rerun import Rerun
from pumpbench.hil.rerun.script import Act, NoStart, Script, act_of, acts_of, script_of

__all__ = ["Act", "Course", "NoStart", "Rerun", "Sample", "Script", "act_of", "acts_of", "course_of", "script_of"]
