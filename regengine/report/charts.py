"""Charts for a page that needs no network: Plotly's script in the page, the figures as plain data.

The script has 4.8 MB: the package brings one bundle of all kinds of chart, and no smaller one. What a figure shows stands in a table beside it, so
that nothing is lost where scripts are off.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from ..intake.spool import extra

__all__ = ["Figure", "bars", "figure", "flow", "heat_map", "script"]

Figure = Mapping[str, Any]
INK, FAINT = "#1a1a1a", "#e6e6e6"
BEFORE, AFTER = "#9db4c8", "#2f6690"
FONT = {"family": 'system-ui, "Noto Sans SC", "Noto Sans CJK SC", sans-serif', "size": 13, "color": INK}
BLUES = [[0, "#ffffff"], [0.001, "#e8f0f6"], [1, "#2f6690"]]
# each figure is drawn anew for the width of its place, also on paper: a change would take Plotly a while, and paper does not wait
START = """
const draw = () => document.querySelectorAll(".chart").forEach(one => { const made = JSON.parse(one.nextElementSibling.textContent);
  Plotly.newPlot(one, made.data, {...made.layout, width: one.clientWidth}, {displayModeBar: false}); });
draw();
["resize", "beforeprint", "afterprint"].forEach(event => addEventListener(event, draw)); matchMedia("print").addEventListener("change", draw);
""".strip()


def script() -> str:
    """The script that draws all figures of a page, to stand at its end. Raises `ProblemError` (`extra-missing`)."""
    library = extra("plotly.offline", "plotly", "charts").get_plotlyjs()
    return f"<script>{library}</script>\n<script>{START}</script>"


def figure(made: Figure, title: str) -> str:
    """The place of a figure, with its data."""
    data = json.dumps(made, ensure_ascii=False, separators=(",", ":")).replace("<", r"\u003c")
    return f'<div class="chart" role="img" aria-label="{escape(title)}"></div><script type="application/json">{data}</script>'


def layout(height: int, **more: Any) -> dict[str, Any]:
    return {
        "font": FONT, "height": height, "margin": {"l": 10, "r": 10, "t": 10, "b": 10}, "paper_bgcolor": "#fff", "plot_bgcolor": "#fff", "showlegend": False,
        "dragmode": False, **more,
    }  # fmt: skip


def axis(title: str = "", **more: Any) -> dict[str, Any]:
    return {"title": {"text": title}, "automargin": True, "fixedrange": True, "gridcolor": FAINT, "zerolinecolor": FAINT, **more}


def heat_map(
    rows: Sequence[str], columns: Sequence[str], shares: Sequence[Sequence[float | None]], texts: Sequence[Sequence[str]], down: str, across: str
) -> Figure:
    """A matrix whose cells are coloured by their share of the row; the first row stands on top."""
    data = {
        "type": "heatmap", "x": list(columns), "y": list(rows), "z": [list(row) for row in shares],
        "text": [list(row) for row in texts], "texttemplate": "%{text}",
        "colorscale": BLUES, "zmin": 0, "zmax": 1, "showscale": False, "hoverinfo": "x+y+text", "xgap": 2, "ygap": 2,
    }  # fmt: skip
    axes = {"xaxis": axis(across, side="top", type="category", showgrid=False), "yaxis": axis(down, autorange="reversed", type="category", showgrid=False)}
    return {"data": [data], "layout": layout(90 + 56 * len(rows), **axes)}


def flow(names: Sequence[str], colours: Sequence[str], links: Sequence[tuple[int, int, int]]) -> Figure:
    """A flow chart: each link has the places of its two nodes and its number."""
    data = {
        "type": "sankey", "arrangement": "fixed",
        "node": {"label": list(names), "color": list(colours), "pad": 18, "thickness": 16, "line": {"width": 0}},
        "link": {
            "source": [one for one, _, _ in links], "target": [two for _, two, _ in links], "value": [number for _, _, number in links],
            "color": [faded(colours[two]) for _, two, _ in links],
        },
    }  # fmt: skip
    return {"data": [data], "layout": layout(320)}


def bars(groups: Sequence[str], before: Sequence[float | None], after: Sequence[float | None], names: tuple[str, str], title: str) -> Figure:
    """Two bars for each group, lying, the first group on top."""
    series = [
        {"type": "bar", "orientation": "h", "name": name, "y": list(groups), "x": list(values), "marker": {"color": colour}, "hoverinfo": "x+y+name"}
        for name, values, colour in zip(names, (before, after), (BEFORE, AFTER), strict=True)
    ]
    legend = {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "traceorder": "normal"}
    axes = {"xaxis": axis(title, rangemode="tozero", separatethousands=True), "yaxis": axis(autorange="reversed", type="category", showgrid=False)}
    return {"data": series, "layout": layout(110 + 46 * len(groups), barmode="group", showlegend=True, legend=legend, **axes)}


def faded(colour: str) -> str:
    """A colour that lets others through."""
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.35)"
