"""Between a programmer and a pump: every byte passes unchanged and is recorded. Knows no message and judges nothing."""

from pumpbench.hil.between.ends import check_end, open_programmer_end, open_pump_end
from pumpbench.hil.between.recorder import Recorder

__all__ = ["Recorder", "check_end", "open_programmer_end", "open_pump_end"]
