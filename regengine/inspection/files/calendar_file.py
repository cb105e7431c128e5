"""A calendar (iCalendar, RFC 5545) for each inspector, with an event for each visit, which a new plan changes where they changed.

Guarantees: an event is of one inspector and one visit and keeps its UID from plan to plan; its SEQUENCE rises when anything in it changed against the
earlier calendar, and not otherwise; a visit that went away, or went to another inspector, is in the calendar as cancelled; what lies before the first day
of the plan stays as it was. Events are whole days, so no time zone moves them, and private. Holds no clock: DTSTAMP is the day of the facts
on which the plan rests. Leaves the lead of a triggered visit out, since calendars travel to telephones: it is in the workbook.

The earlier calendars are read from their files, and not from earlier tables, since only the files know how often an event has changed.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import uuid
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...intake.spool import extra
from ...problems import Place, one_problem
from ...words import pick
from ..tables import PlanTables
from ..visit import Inspector
from .visits import colleagues_words, visits_of
from .words import heading, inspector_words, manner_words

if TYPE_CHECKING:
    from icalendar import Calendar, Event

__all__ = ["calendars", "earlier_calendars"]

PREFIX, SUFFIX = "calendar-", ".ics"
PRODUCT = "-//regengine//inspection plan//EN"
SPACE = uuid.uuid5(uuid.NAMESPACE_URL, "regengine:inspection-plan")
REVISION = ("DTSTAMP", "SEQUENCE")  # what tells of a change, and is none itself
DAY = dt.timedelta(days=1)


def earlier_calendars(folder: Path) -> dict[str, Calendar]:
    """The calendars of an earlier plan's folder, by file name. Raises `ProblemError`: `file-missing`, `file-unreadable`, `extra-missing`."""
    icalendar = extra("icalendar", "icalendar", "plan")
    if not (folder / "plan.parquet").is_file():
        raise one_problem("file-missing", "there is no earlier plan here", place=Place(str(folder)), hint="name the folder that holds its plan.parquet")
    found: dict[str, Calendar] = {}
    for path in sorted(folder.glob(f"{PREFIX}*{SUFFIX}")):
        try:
            found[path.name] = whole(icalendar.Calendar.from_ical(path.read_bytes()))
        except ValueError as error:
            said = next(iter(str(error).splitlines()), "")
            raise one_problem("file-unreadable", f"the calendar cannot be read: {said}", place=Place(str(path)), hint="it may be damaged") from None
    return found


def whole(calendar: Calendar) -> Calendar:
    """The calendar. Raises ValueError where it or an event of it is not as `calendars` writes them."""
    for component in (calendar, *calendar.events):
        needed = ("UID", "NAME") if component is calendar else ("UID", "DTSTART", "DTSTAMP", "SEQUENCE")
        if missing := [name for name in needed if name not in component]:
            raise ValueError(f"{component.name} has no {missing[0]}")
        for name, error in component.errors:
            raise ValueError(f"{name} of {component.name} is wrong: {error}")
    for event in calendar.events:
        if isinstance(event.start, dt.datetime):
            raise ValueError(f"the event {event.uid} is not of a whole day")
    return calendar


def calendars(tables: PlanTables, lang: str, earlier: Mapping[str, Calendar] | None = None) -> dict[str, bytes]:
    """The calendar of each inspector by file name, those without any event left out. `earlier` are the calendars of the plan that this one replaces."""
    known = {calendar.uid: (name, calendar) for name, calendar in (earlier or {}).items()}
    visits = visits_of(tables)
    names = file_names(one.id for one in tables.inspectors)
    made: dict[str, bytes] = {}
    for inspector in tables.inspectors:
        uid = uid_of(inspector.id)
        name, before = known.pop(uid, (names[inspector.id], None))
        events = [event_of(tables, row, inspector, lang) for row in visits.get(inspector.id, ())]
        write(made, name, uid, calendar_name(tables, inspector, lang), revised(events, before, tables))
    for uid, (name, before) in known.items():  # of inspectors who are no longer here
        write(made, name, uid, str(before.calendar_name), revised([], before, tables))
    return made


def uid_of(*parts: str) -> str:
    """The lasting name of an event or a calendar."""
    return str(uuid.uuid5(SPACE, "\n".join(parts)))


def calendar_name(tables: PlanTables, inspector: Inspector, lang: str) -> str:
    return f"{tables.title.say(lang)} · {inspector_words(inspector)}"


def event_of(tables: PlanTables, row: Mapping[str, Any], inspector: Inspector, lang: str) -> Event:
    """The event of one visit of one inspector, as if it were new. The ticket tells the visit from that of another year's draw."""
    icalendar = extra("icalendar", "icalendar", "plan")
    event: Event = icalendar.Event()
    kind = row[pick(("kind_en", "kind_zh"), lang)]
    lines = {
        "enterprise": row["enterprise"], "department": tables.department(row["department"], lang), "kind": kind, "manner": manner_words(row["manner"], lang),
        "clause": row["clause"], "colleagues": pick(("; ", "；"), lang).join(colleagues_words(tables, row, lang)), "visit": row["visit"],
    }  # fmt: skip
    event.add("uid", uid_of(row["ticket"], row["visit"], inspector.id))
    event.add("dtstamp", stamp(tables))
    event.add("sequence", 0)
    event.add("dtstart", row["date"])
    event.add("dtend", row["date"] + DAY)  # the first day that is no part of it
    event.add("summary", pick(("Inspection: {}", "检查：{}"), lang).format(row["name"] or row["enterprise"]))
    event.add("description", "\n".join(f"{heading(name, lang)}{pick((': ', '：'), lang)}{text}" for name, text in lines.items() if text))
    event.add("location", row["district"])
    event.add("class", "PRIVATE")
    event.add("status", "CONFIRMED")
    event.add("transp", "OPAQUE")
    if row["lat"] is not None and row["lon"] is not None:
        event.add("geo", (row["lat"], row["lon"]))
    return event


def revised(events: Iterable[Event], before: Calendar | None, tables: PlanTables) -> list[Event]:
    """The events with their sequence, and with those that are no longer planned: cancelled, or as they were where they are past."""
    old = {} if before is None else {event.uid: event for event in before.events}
    made = [revise(event, old.pop(event.uid, None)) for event in events]
    return sorted([*made, *(gone(event, tables) for event in old.values())], key=lambda event: (event.start, event.uid))


def revise(event: Event, before: Event | None) -> Event:
    """An event that is planned now: as it was where nothing changed, else with the next sequence."""
    if before is None:
        return event
    if content(event) == content(before):
        return before
    put(event, sequence=before.sequence + 1)
    return event


def gone(event: Event, tables: PlanTables) -> Event:
    """An event that is no longer planned."""
    if event.start < tables.first or event.status == "CANCELLED":
        return event
    cancelled = event.copy()
    put(cancelled, status="CANCELLED", transp="TRANSPARENT", sequence=event.sequence + 1, dtstamp=stamp(tables))
    return cancelled


def put(event: Event, **values: object) -> None:
    """Give properties of an event other values."""
    for name, value in values.items():
        event.pop(name, None)
        event.add(name, value)


def stamp(tables: PlanTables) -> dt.datetime:
    """When the plan was made, as far as a plan without a clock can say."""
    return dt.datetime.combine(tables.as_of, dt.time(), dt.UTC)


def content(event: Event) -> list[tuple[str, object]]:
    """The properties of an event without those that tell of its changes."""
    return [(name, value) for name, value in event.property_items(recursive=False) if name not in REVISION]


def write(made: dict[str, bytes], name: str, uid: str, title: str, events: list[Event]) -> None:
    """Add the calendar of an inspector to the files, where it has an event: the standard knows none without."""
    if not events:
        return
    icalendar = extra("icalendar", "icalendar", "plan")
    calendar: Calendar = icalendar.Calendar()
    for key, value in (("prodid", PRODUCT), ("version", "2.0"), ("calscale", "GREGORIAN"), ("uid", uid)):
        calendar.add(key, value)
    calendar.calendar_name = title
    for event in events:
        calendar.add_component(event)
    made[name] = bytes(calendar.to_ical())


def file_names(ids: Iterable[str]) -> dict[str, str]:
    """A file name for each inspector: the id, with a part of its hash where it cannot be a name or differs from another by case only."""
    ids = list(ids)
    times = Counter(id_.lower() for id_ in ids)
    names = {}
    for id_ in ids:
        plain = re.sub(r"[^\w.-]", "_", id_)[:60]
        names[id_] = plain if plain == id_ and times[id_.lower()] == 1 else f"{plain}-{hashlib.sha256(id_.encode()).hexdigest()[:8]}"
    return {id_: f"{PREFIX}{name}{SUFFIX}" for id_, name in names.items()}
