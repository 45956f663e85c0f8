"""What can be done to a pump and its link, by name: what the `pump_faults` fixture gives. It knows no programmer."""

from __future__ import annotations

from pumpbench.hil.plugin.acting import act_on_bench, said
from pumpbench.hil.plugin.run import Run


class PumpFaults:
    """Each is in force from the next tick. Arguments out of range raise ValueError; what the pump itself refuses, `Refusal`."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def rotor(self, fault: str, *, run_count: int = 0, miss_count: int = 0) -> None:
        """`stalled`, `intermittent` (turns `run_count` steps, misses `miss_count`), or `none`, which ends it."""
        __tracebackhide__ = True
        counts = {name: n for name, n in (("run_count", run_count), ("miss_count", miss_count)) if n}
        act_on_bench(self._run, "rotor", {"fault": fault, **counts})

    def field(self, on: bool, lag: str | None = None) -> None:
        """A magnet locks the rotor; `lag`: how long it stays locked afterwards."""
        __tracebackhide__ = True
        act_on_bench(self._run, "field", said(on=True if on else None, lag=lag))

    def occlusion(self, ppm: int) -> None:
        """How much of the flow the catheter holds back, 0 to 1 000 000."""
        __tracebackhide__ = True
        act_on_bench(self._run, "occlusion_ppm", ppm)

    def leak(self, ppm: int) -> None:
        """How much of the flow is lost before the tip; 1 000 000: disconnected."""
        __tracebackhide__ = True
        act_on_bench(self._run, "leak_ppm", ppm)

    def flow(self, ppm: int, *, drift_ppm_per_day: int = 0) -> None:
        """Volume of a step against the nominal."""
        __tracebackhide__ = True
        act_on_bench(self._run, "flow", {"ppm": ppm, "drift_ppm_per_day": drift_ppm_per_day})

    def battery_charge(self, ppm: int) -> None:
        """In millionths of the capacity."""
        __tracebackhide__ = True
        act_on_bench(self._run, "battery_charge_ppm", ppm)

    def battery_resistance(self, mohm: int, *, growth_mohm_per_day: int = 0) -> None:
        """A film in the cell."""
        __tracebackhide__ = True
        act_on_bench(self._run, "battery_resistance", {"mohm": mohm, "growth_mohm_per_day": growth_mohm_per_day})

    def memory_flip(self, word: int, mask: int, *, place: str = "memory") -> None:
        """Bits of one word; `place` counts the word from a part of the memory, such as `program_slot_0`."""
        __tracebackhide__ = True
        act_on_bench(self._run, "memory_flip", {"place": place, "word": word, "mask": mask})

    def power_cut(self, after_words: int) -> None:
        """Power fails after so many memory words, at the next write."""
        __tracebackhide__ = True
        act_on_bench(self._run, "power_cut_words", after_words)

    def reset(self) -> None:
        """The watchdog bites."""
        __tracebackhide__ = True
        act_on_bench(self._run, "reset", True)

    def emi(self) -> None:
        """Interference reaches the telemetry."""
        __tracebackhide__ = True
        act_on_bench(self._run, "emi", True)

    def line(self, ug_per_ml: int) -> None:
        """The line is aspirated (0) or flushed with a drug."""
        __tracebackhide__ = True
        act_on_bench(self._run, "line_ug_per_ml", ug_per_ml)

    def cut_link(self) -> None:
        """No therapy frame passes any more; the bench's own channel does."""
        __tracebackhide__ = True
        act_on_bench(self._run, "link", "lost")

    def restore_link(self) -> None:
        """What was lost stays lost."""
        __tracebackhide__ = True
        act_on_bench(self._run, "link", "back")
