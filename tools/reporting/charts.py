"""Knows how a capture is drawn: which lines on which axis, as data for plotly; it must not know the page around them.

Every text that comes from a capture is escaped, because plotly reads text as a few tags of HTML.
"""

from collections.abc import Iterator, Sequence
from html import escape
from typing import Any, Final, NamedTuple

from pumpbench.hil.rerun import Course
from pumpbench.protocol.codes import Alarm, Event, Fault, Refusal
from pumpbench.protocol.frame import Frame
from pumpbench.protocol.limits import PL_PER_NL, TICKS_PER_DAY
from pumpbench.protocol.messages import Inject, Refused, Status, Telemetry
from pumpbench.tools.reporting.accuracy import Accuracy
from pumpbench.tools.reporting.gathered import Gathered

Trace = dict[str, Any]
FG_PER_UG: Final = 1_000_000_000
NL_PER_ML: Final = 1_000_000
READINGS_MAX: Final = 2_000
REQUESTS_MAX: Final = 2_000
PANELS: Final = {"y": ("dose, ug", 190), "y2": ("reservoir, mL", 190), "y3": ("charge, %", 100)}
"""From the top: what the axis says, and its height in pixels. Below them is a row for each alarm and kind of request."""
ROW_PX, GAP_PX = 18, 36
MARGIN_PX: Final = {"l": 170, "r": 70, "t": 70, "b": 50}
BLUE, RED, GREEN, VIOLET = "#1f5aa6", "#b3391f", "#3f7d3a", "#7a4fa3"
COLOURS: Final = {"asked": BLUE, "truth": RED, "told": GREEN, "alarm": RED, "request": BLUE, "bench": VIOLET}


class Chart(NamedTuple):
    """One figure; `name` is its id on the page."""

    name: str
    title: str
    traces: list[Trace]
    layout: dict[str, Any]

    @property
    def points(self) -> int:
        return sum(len(trace["x"]) for trace in self.traces)


def charts_of(one: Gathered, number: int) -> list[Chart]:
    """The course over time, and the accuracy by windows where it is known."""
    found = [_over_time(one, f"time-{number}")]
    if one.accuracy is not None:
        found.append(_trumpet(one.accuracy, f"accuracy-{number}"))
    return found


def _over_time(one: Gathered, name: str) -> Chart:
    traces = [*(_course(one.course, one.vouched) if one.course else ()), *_told(one), *_alarms(one), *_requests(one)]
    height_px, axes = _panels(len({label for trace in traces if trace["yaxis"] == "y4" for label in trace["y"]} - {None}))
    layout: dict[str, Any] = {
        "height": height_px + MARGIN_PX["t"] + MARGIN_PX["b"], "margin": MARGIN_PX, "hovermode": "closest",
        "legend": {"orientation": "h", "y": 1.01, "yanchor": "bottom"}, **axes,
        "xaxis": {"title": {"text": "days since the start"}, "anchor": "y4", "range": [0, _days(max(1, one.recorded.last_tick))]},
        "yaxis5": {"overlaying": "y3", "anchor": "x", "side": "right", "title": {"text": "mV"}, "showgrid": False,
                   "rangemode": "tozero"},
    }  # fmt: skip
    return Chart(name, "dose, reservoir, battery, alarms and requests", traces, layout)


def _panels(rows: int) -> tuple[int, dict[str, Any]]:
    """The height of all panels together, and their axes: one above the other, on the one axis of time."""
    rows_px = ROW_PX * max(2, rows)
    height_px = rows_px + sum(size_px + GAP_PX for _, size_px in PANELS.values())
    axes: dict[str, Any] = {}
    top_px = height_px
    for axis, (title, size_px) in PANELS.items():
        domain = [(top_px - size_px) / height_px, top_px / height_px]
        axes[axis.replace("y", "yaxis")] = {"domain": domain, "title": {"text": title}, "anchor": "x", "rangemode": "tozero"}
        top_px -= size_px + GAP_PX
    rows_axis = {"type": "category", "dtick": 1, "categoryorder": "category descending", "tickfont": {"size": 11}}
    axes["yaxis4"] = {"domain": [0, rows_px / height_px], "anchor": "x", **rows_axis}
    return height_px, axes


def _days(tick: int) -> float:
    return tick / TICKS_PER_DAY


def _line(name: str, axis: str, colour: str, ticks: Sequence[int], values: Sequence[float], **more: Any) -> Trace:
    days = [round(_days(tick), 6) for tick in ticks]
    ys = [round(value, 4) for value in values]
    style = {"type": "scatter", "mode": "lines", "line": {"color": colour, "width": 1.5} | more.pop("line", {})}
    return {"name": name, "x": days, "y": ys, "xaxis": "x", "yaxis": axis, **style, **more}


def _course(course: Course, vouched: bool) -> Iterator[Trace]:
    samples, ending = course.coarse, "" if vouched else " (re-run, not vouched for by the device)"
    ticks = [one.tick for one in samples]
    start = samples[0].delivered_fg
    dotted = {"line": {"dash": "dot"}}
    yield _line(f"programmed dose{ending}", "y", COLOURS["asked"], ticks, [one.asked_fg / FG_PER_UG for one in samples])
    given = [(one.delivered_fg - start) / FG_PER_UG for one in samples]
    yield _line(f"delivered dose{ending}", "y", COLOURS["truth"], ticks, given, **dotted)
    true_ml = [one.reservoir_true_pl / PL_PER_NL / NL_PER_ML for one in samples]
    yield _line(f"true reservoir{ending}", "y2", COLOURS["truth"], ticks, true_ml)
    estimated_ml = [one.reservoir_estimated_nl / NL_PER_ML for one in samples]
    yield _line(f"estimated reservoir{ending}", "y2", COLOURS["asked"], ticks, estimated_ml, **dotted)
    yield _line(f"battery charge{ending}", "y3", COLOURS["truth"], ticks, [one.charge_ppm / 10_000 for one in samples])


def _told(one: Gathered) -> Iterator[Trace]:
    """The device's own words: what its status and telemetry say."""
    frames = [*one.recorded.unasked, *(request.reply for request in one.recorded.requests if request.reply is not None)]
    said = sorted((frame for frame in frames if isinstance(frame.message, Status | Telemetry)), key=lambda frame: frame.head[7])
    said = _thinned(said, READINGS_MAX)
    dots = {"mode": "markers", "marker": {"size": 4, "color": COLOURS["told"]}}
    if said:
        values = [frame.message.reservoir_estimated_nl / NL_PER_ML for frame in said]
        yield _line("estimate as the device told it", "y2", COLOURS["told"], [frame.head[7] for frame in said], values, **dots)
    if sampled := [frame for frame in said if frame.message.battery_mv]:
        ticks, values = [frame.head[7] for frame in sampled], [float(frame.message.battery_mv) for frame in sampled]
        yield _line("battery, mV, as the device told it", "y5", COLOURS["told"], ticks, values, **dots)


def _thinned(frames: list[Frame], most: int) -> list[Frame]:
    """Evenly fewer, the last kept."""
    step = len(frames) // most + 1
    return frames if step == 1 else [*frames[::step], frames[-1]]


def _alarms(one: Gathered) -> Iterator[Trace]:
    """A bar from raised to cleared; where it stands, to the end."""
    spans: dict[int, list[tuple[int, int]]] = {}
    raised: dict[int, int] = {}
    for effect in one.effects:
        if effect.code == Event.ALARM_RAISED:
            raised[effect.arg_0] = effect.tick
        elif effect.code == Event.ALARM_CLEARED and effect.arg_0 in raised:
            spans.setdefault(effect.arg_0, []).append((raised.pop(effect.arg_0), effect.tick))
    for alarm, tick in raised.items():
        spans.setdefault(alarm, []).append((tick, one.recorded.last_tick))
    for alarm, found in sorted(spans.items()):
        label = f"alarm {Alarm.name_of(alarm).replace('_', ' ')}"
        xs = [x for start, end in found for x in (_days(start), _days(end), None)]
        ys = [y for _ in found for y in (label, label, None)]
        yield {
            "name": label, "x": xs, "y": ys, "type": "scatter", "xaxis": "x", "yaxis": "y4", "showlegend": False,
            "mode": "lines+markers", "line": {"color": COLOURS["alarm"], "width": 7}, "marker": {"size": 7},
        }  # fmt: skip


def _requests(one: Gathered) -> Iterator[Trace]:
    """A mark for each request and each fault, a row for each kind; of a kind with very many some."""
    rows: dict[str, list[tuple[int, str]]] = {}
    for request in one.recorded.requests:
        frame, reply = request.frame, request.reply
        tick = request.tick if reply is None else reply.head[7]
        if frame is None or (request.bench and not isinstance(frame.message, Inject)):
            continue
        label = f"bench {Fault.name_of(frame.message.fault)}" if request.bench else request.name
        answer = _answer(reply) + ("; asked again" if request.retry else "")
        rows.setdefault(label, []).append((tick, f"{escape(label)} at tick {tick:,}: {escape(answer)}"))
    for label, marks in sorted(rows.items()):
        shown = marks[:: len(marks) // REQUESTS_MAX + 1]
        kind = "bench" if label.startswith("bench ") else "request"
        yield {
            "name": label, "x": [round(_days(tick), 6) for tick, _ in shown], "y": [escape(label)] * len(shown),
            "text": [text for _, text in shown], "hoverinfo": "text", "type": "scatter", "mode": "markers", "xaxis": "x",
            "yaxis": "y4", "showlegend": False, "marker": {"size": 6, "color": COLOURS[kind]},
        }  # fmt: skip


def _answer(reply: Frame | None) -> str:
    if reply is None:
        return "no reply"
    if isinstance(reply.message, Refused):
        return f"refused, {Refusal.name_of(reply.message.refusal)} ({reply.message.limit}, {reply.message.value})"
    return type(reply.message).__name__


def _trumpet(found: Accuracy, name: str) -> Chart:
    minutes = [one.minutes for one in found.windows]
    lines = {
        "highest": [one.highest_percent for one in found.windows],
        "lowest": [one.lowest_percent for one in found.windows],
        "over the whole span": [found.overall_percent for _ in found.windows],
    }
    traces: list[Trace] = [
        {"name": label, "x": minutes, "y": [round(value, 4) for value in values], "type": "scatter", "mode": "lines+markers"}
        for label, values in lines.items()
    ]
    layout = {
        "height": 360, "margin": {"l": 80, "r": 20, "t": 10, "b": 50}, "legend": {"orientation": "h", "y": 1.1},
        "xaxis": {
            "type": "log", "title": {"text": "window, minutes"}, "tickvals": minutes, "ticktext": [f"{one:,}" for one in minutes],
        },
        "yaxis": {"title": {"text": "error, %"}, "zeroline": True},
    }  # fmt: skip
    return Chart(name, "delivery accuracy by window", traces, layout)
