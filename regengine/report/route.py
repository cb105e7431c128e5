"""A route as a card, and what a table of applications saves as a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING

from ..rulebook.parts import Words
from ..service.texts import matter_words, saved_words, sections
from ..words import pick
from .tables import add, panel, plain_table

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

    from ..service import Route, Total

__all__ = ["as_data", "route_card", "total_table"]


def route_card(route: Route, lang: str) -> list[RenderableType]:
    """The card of a route: a line that names it, then a panel for each part that says something."""
    from rich.table import Table
    from rich.text import Text

    decision = route.decision
    head = Text.assemble(
        (matter_words(route, lang), "bold"), f"  {decision.enterprise}" if decision.enterprise else "",
        (f"  {decision.law.document.title.say(lang)} · {decision.rulebook} · {decision.as_of}", "dim"),
    )  # fmt: skip
    made: list[RenderableType] = [head]
    if notice := decision.law.document.notice:
        made.append(Text(notice.say(lang), style="dim"))
    for heading, rows in sections(route, lang):
        body = Table.grid(padding=(0, 2))
        body.add_column(max_width=44)
        body.add_column(ratio=1, overflow="fold")
        for name, text in rows:
            body.add_row(Text(name), Text(text)) if name else body.add_row(Text(text))
        made.append(panel(heading, body))
    return made


def total_table(total: Total, rejected: int, words: Mapping[str, Words | None], lang: str) -> list[RenderableType]:
    """How many applications take each path, and what all of them save together."""
    paths: Table = plain_table(pick(("path", "办理程序"), lang), pick(("applications", "申请件数"), lang))
    paths.columns[1].justify = "right"
    for path, count in total.paths.items():
        label = words.get(path) if path is not None else Words(en="no path is open", zh="无可适用的办理程序")
        add(paths, label.say(lang) if label else str(path), f"{count:,}")
    add(paths, pick(("all", "合计"), lang), f"{total.applications:,}", style="bold")
    saved: Table = plain_table(pick(("saved", "节省"), lang), pick(("in all", "合计"), lang))
    saved.columns[1].justify = "right"
    for name, sum_ in saved_words(total.saved, lang):
        add(saved, name, sum_)
    parts: list[RenderableType] = [paths, "", saved]
    if rejected:
        from rich.text import Text

        told = (f"{rejected:,} rows could not be routed; `regengine grade` tells why.", f"{rejected:,}行无法判定，可用 regengine grade 查明原因。")
        parts += ["", Text(pick(told, lang), style="yellow")]
    return parts


def as_data(total: Total, rejected: int) -> dict[str, object]:
    """The sums for machines; a path of null is none at all."""
    paths = [{"path": path, "applications": count} for path, count in total.paths.items()]
    return {"applications": total.applications, "paths": paths, "saved": asdict(total.saved), "rejected": rejected}
