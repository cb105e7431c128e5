"""The files of a plan: tables for the office and for the public, a workbook and calendars for inspectors, and a map.

| file | for | holds |
| --- | --- | --- |
| `plan.parquet`, `plan.csv` | the office | every visit with all that is known of it |
| `public.csv`, `plan.geojson` | everybody | what is published (see `public`); the map only where coordinates exist |
| `plan.xlsx` | inspectors, on paper | a sheet for each inspector, to fill in and sign |
| `calendar-INSPECTOR.ics` | each inspector | an event for each visit |

Guarantees: equal plans give equal bytes, and a file stands under its final name only when every file of the plan was written.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from ...intake.files import failed, make_room
from ...problems import Problem
from ..tables import PlanTables
from .calendar_file import calendars, earlier_calendars
from .cleaned import cleaned
from .geojson import plan_geojson
from .parquet_csv import plan_csv, plan_parquet, public_csv
from .workbook import plan_workbook

__all__ = ["Written", "write_all", "write_files"]


@dataclass(frozen=True, slots=True)
class Written:
    """The files of a plan, by name, and the values that one of them does not show as they are."""

    files: tuple[Path, ...]
    notices: tuple[Problem, ...]


def write_files(tables: PlanTables, folder: Path, *, earlier: Path | None = None, lang: str = "en") -> Written:
    """Write the files of a plan into a folder, with headings and words in `lang`.

    `earlier` is the folder of the plan that this one replaces, which may be the same: its calendars tell what changed. Raises `ProblemError`:
    `extra-missing`, `output-failed`, `output-exists`; `file-missing` and `file-unreadable` for `earlier`.
    """
    before = None if earlier is None else earlier_calendars(earlier)
    shown, notices = cleaned(tables)
    whole, said = plan_csv(shown, lang)
    public, public_said = public_csv(shown, lang)
    made = {"plan.parquet": plan_parquet(tables), "plan.csv": whole, "public.csv": public, "plan.xlsx": plan_workbook(shown, lang)}
    if points := plan_geojson(shown, lang):
        made["plan.geojson"] = points
    made |= calendars(shown, lang, before)
    return Written(write_all(made, folder), (*notices, *said, *public_said))


def write_all(files: Mapping[str, bytes], folder: Path) -> tuple[Path, ...]:
    """Write files beside their names and let them take these when all are there. Raises `ProblemError` (`output-failed`, `output-exists`)."""
    paths = {folder / name: folder / f".{name}.{secrets.token_hex(4)}.part" for name in sorted(files)}
    with ExitStack() as undo:
        for path, beside in paths.items():
            make_room(path)
            undo.callback(beside.unlink, missing_ok=True)
            try:
                beside.write_bytes(files[path.name])
            except OSError as error:
                raise failed(path, error) from None
        for path, beside in paths.items():
            try:
                beside.replace(path)
            except OSError as error:
                raise failed(path, error) from None
    return tuple(paths)
