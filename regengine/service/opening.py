"""When a closed path opens again if nothing new happens: the first day of a forecast on which its condition holds and its grade is not shut out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Protocol

from ..decision import Decision, Reason
from .routing import Routing

__all__ = ["opening"]


class Changed(Protocol):
    """What is otherwise from a day on; `forecast.Change` is one."""

    @property
    def day(self) -> dt.date: ...
    @property
    def after(self) -> str | None: ...
    @property
    def ended(self) -> tuple[Reason, ...]: ...
    @property
    def began(self) -> tuple[Reason, ...]: ...


def opening(routing: Routing, now: Decision, changes: Iterable[Changed]) -> dict[str, dt.date]:
    """The first day of the changes, by path, on which a path of the matter is open that is closed now."""
    order = now.order
    holding = {rule.id for rule in now.rules}
    open_now = {offer.path.id for offer in routing.open if offer.rule.id in holding and order.index(now.grade) not in offer.shut}
    found: dict[str, dt.date] = {}
    for change in sorted(changes, key=lambda one: one.day):
        holding = (holding - {reason.rule for reason in change.ended}) | {reason.rule for reason in change.began}
        if change.after is None:
            continue
        for offer in routing.open:
            fits = offer.rule.id in holding and change.after not in {order[rank] for rank in offer.shut}
            if fits and offer.path.id not in open_now:
                found.setdefault(offer.path.id, change.day)
    return found
