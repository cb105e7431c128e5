"""A page of HTML in one file that needs no network and no script, and a file that is written whole or not at all."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from html import escape
from pathlib import Path

from ..problems import Place, one_problem

__all__ = ["page", "table", "write_whole"]

STYLE = """
body { font: 16px/1.5 system-ui, "Noto Sans SC", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif; color: #1a1a1a; background: #fff; max-width: 60rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.4rem; margin: 0 0 .25rem; } h2 { font-size: 1.05rem; margin: 1.75rem 0 .5rem; } p { margin: 0; color: #555; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .35rem .75rem .35rem 0; border-bottom: 1px solid #ddd; vertical-align: top; overflow-wrap: anywhere; min-width: 4rem; }
th { color: #555; font-weight: 600; vertical-align: bottom; overflow-wrap: normal; } th.n { white-space: normal; } .n { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; padding-right: 1.25rem; }
@media (max-width: 600px) { body { padding: .75rem; font-size: 15px; } table.wide thead { display: none; } .wide tr { display: block; border-bottom: 1px solid #ddd; padding: .4rem 0; }
  .wide td { display: flex; justify-content: space-between; gap: 1rem; border: 0; padding: .1rem 0; text-align: right; white-space: normal; }
  .wide td::before { content: attr(data-head); color: #555; text-align: left; flex: none; } }
""".strip()  # noqa: E501 - a style sheet
STACKED = 4  # from this many columns on, each line of a table becomes a block on a narrow screen


def table(
    heads: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: Collection[int] = (), anchors: Iterable[str] = (), stacked: int = STACKED
) -> str:  # fmt: skip
    """A table: `heads` are texts, the cells of `rows` are HTML; `numbers` are the places of its columns of numbers, `anchors` the ids of its rows."""
    classes = [' class="n"' if place in numbers else "" for place in range(len(heads))]
    top = "".join(f"<th{each}>{escape(head)}</th>" for head, each in zip(heads, classes, strict=True))
    rows, ids = list(rows), [f' id="{escape(anchor)}"' for anchor in anchors]
    lines = "".join(
        f"<tr{id_}>" + "".join(f'<td{each} data-head="{escape(head)}">{cell}</td>' for cell, head, each in zip(row, heads, classes, strict=True)) + "</tr>\n"
        for row, id_ in zip(rows, ids or [""] * len(rows), strict=True)
    )
    wide = ' class="wide"' if len(heads) >= stacked else ""
    return f'<div class="scroll"><table{wide}>\n<thead><tr>{top}</tr></thead>\n<tbody>\n{lines}</tbody></table></div>'


def page(title: str, body: Iterable[str], lang: str, style: str = "", head: str = "") -> str:
    """A whole page; `title` is a text, `body` is HTML, `style` is added to the style sheet, and `head` stands first in the head."""
    sheet = "\n".join(filter(None, (STYLE, style)))
    head = (
        f'<meta charset="utf-8">\n{head}<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>\n{sheet}\n</style>"
    )
    return f'<!doctype html>\n<html lang="{"zh-CN" if lang == "zh" else "en"}">\n<head>\n{head}\n</head>\n<body>\n' + "\n".join(body) + "\n</body>\n</html>\n"


def write_whole(text: str, path: Path) -> None:
    """Write a text under its name when it is whole. Raises `ProblemError` (`output-failed`)."""
    beside = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.write_text(text, encoding="utf-8", newline="\n")
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise one_problem("output-failed", f"the file could not be written: {error.strerror or error}", place=Place(str(path))) from None
