"""Knows how a report becomes one page that asks nothing of any network; it must not judge, and trusts no text from a capture.

The page carries a policy under which a browser runs its own two scripts, named by digest, and loads nothing.
"""

import base64
import hashlib
import json
from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

from pumpbench.hil.verdict import Verdict
from pumpbench.tools.reporting import sections
from pumpbench.tools.reporting.charts import Chart
from pumpbench.tools.reporting.gathered import Gathered
from pumpbench.tools.requirements import Requirement

STYLE: Final = """
body { font: 15px/1.45 system-ui, sans-serif; color: #1c1c1c; margin: 0 auto; max-width: 1180px; padding: 1.5rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.25rem; border-top: 2px solid #ccc; padding-top: 1rem; margin-top: 2.5rem; }
h3 { font-size: 1rem; margin: 1.6rem 0 .4rem; }
table { border-collapse: collapse; margin: .4rem 0 1rem; font-size: .86rem; }
th, td { border: 1px solid #d5d5d5; padding: .2rem .5rem; }
th { background: #f2f2f2; text-align: left; } td { vertical-align: top; overflow-wrap: anywhere; }
td:first-child { min-width: 2em; }
pre, code { font: .82rem/1.4 ui-monospace, monospace; } pre { background: #f6f6f6; padding: .6rem; white-space: pre-wrap; }
.verdict { padding: .1rem .5rem; border-radius: .2rem; color: #fff; text-transform: uppercase; }
.pass { background: #2d6a31; } .fail { background: #a3271a; }
.inconclusive { background: #8a6100; } .error { background: #5b2a6d; }
.notice { background: #f4f0e2; padding: .6rem .8rem; }
@media print { details > * { display: block; } }
"""
DRAW: Final = """
for (const chart of JSON.parse(document.getElementById("charts").textContent))
  Plotly.newPlot(chart.name, chart.data, chart.layout, {
    responsive: true, displaylogo: false, scrollZoom: true,
    modeBarButtons: [["toImage", "zoom2d", "pan2d", "zoomIn2d", "zoomOut2d", "resetScale2d"]],
  });
"""
POLICY: Final = (
    "default-src 'none'; script-src {scripts}; style-src 'unsafe-inline'; img-src data: blob:; "
    "form-action 'none'; base-uri 'none'"
)
NOTICE: Final = (
    "Made by pumpbench, an emulator and bench for tests of software. It is not a medical device, nothing here says anything "
    "about a patient, and no conformity to any standard is claimed. There is no authentication on the wire that was recorded."
)


def page(
    files: Sequence[Gathered],
    charts: Sequence[Sequence[Chart]],
    listed: Sequence[Requirement],
    verdict: Verdict,
    library: str,
) -> str:
    """The whole document. `charts`: those of each file; `library`: the source of plotly."""
    scripts = f"{_digest(library)} {_digest(DRAW)}"
    head = (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY.format(scripts=scripts)}">'
        f'<title>pumpbench: {verdict}</title><link rel="icon" href="data:,"><style>{STYLE}</style></head>'
    )
    body = "\n".join(_body(files, charts, listed, verdict))
    data = [{"name": one.name, "data": one.traces, "layout": one.layout} for several in charts for one in several]
    body += f'<script type="application/json" id="charts">{inlined(data)}</script>'
    return f'{head}<body data-verdict="{verdict}">{body}<script>{library}</script><script>{DRAW}</script></body></html>\n'


def inlined(data: object) -> str:
    """JSON that can stand inside a script element: nothing in it ends the element."""
    text = json.dumps(data, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _digest(script: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


def _body(
    files: Sequence[Gathered], charts: Sequence[Sequence[Chart]], listed: Sequence[Requirement], verdict: Verdict
) -> Iterator[str]:
    counted = "1 recording" if len(files) == 1 else f"{len(files)} recordings"
    yield f'<h1>{sections.badge(verdict)} {counted}</h1><p class="notice">{NOTICE}</p>'
    yield sections.table(
        ("recording", "verdict", "replay", "ledger"),
        [(one.path.name, str(one.verdict), str(one.verdicts["replay"][0]), one.ledger.word) for one in files],
    )
    for one, drawn in zip(files, charts, strict=True):
        yield from _file(one, drawn)
    yield "<h2>Requirements</h2><p>What the project shows of each, by its own tests; what these recordings are of it.</p>"
    yield from sections.coverage_section(listed, {one.scenario for one in files} - {""})


def _file(one: Gathered, charts: Sequence[Chart]) -> Iterator[str]:
    yield f"<h2>{escape(one.path.name)} {sections.badge(one.verdict)}</h2>"
    yield from sections.verdict_section(one)
    yield from ("<h3>First difference</h3>", *sections.difference_section(one))
    yield f'<h3>Over time</h3><div id="{charts[0].name}" class="chart"></div>'
    yield from ("<h3>Dose account</h3>", *sections.ledger_section(one.ledger))
    yield "<h3>Delivery accuracy by window</h3>"
    yield from (f'<div id="{chart.name}" class="chart"></div>' for chart in charts[1:])
    yield from sections.accuracy_section(one.accuracy)
    yield from ("<h3>Events</h3>", *sections.event_section(one))
    yield from ("<h3>Origin</h3>", *sections.origin_section(one))
