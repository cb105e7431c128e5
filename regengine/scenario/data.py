"""Where the data of a scenario is: beside the scenario file, or a download of the user's own.

Data that the user brings is looked for in one place only, the first of these that is given: the path of the call, the
folder in `REGENGINE_DATA`, the folder `shared/data` beside the checkout. A place that is given and does not hold the file
is told and not passed over, so that a mistyped path never ends in another file being read.
"""

from __future__ import annotations

import os
from pathlib import Path

from ..problems import Place, ProblemError, one_problem
from .form import Scenario

__all__ = ["VARIABLE", "find_data"]

VARIABLE = "REGENGINE_DATA"


def find_data(scenario: Scenario, given: str | Path | None = None) -> Path:
    """The file that a scenario reads. `given` is that file, or a folder that holds it.

    Raises `ProblemError` with `data-missing`, which says where the publisher offers it and how to pass it.
    """
    wanted = Path(scenario.document.data.file)
    if given is not None:
        return in_place(scenario, wanted, Path(given), "")
    if scenario.document.data.origin == "here":
        return in_place(scenario, wanted, scenario.file.parent, "")
    if folder := os.environ.get(VARIABLE):
        return in_place(scenario, wanted, Path(folder), f" (from {VARIABLE})")
    beside = shared_folder(scenario)
    if beside is not None:
        return in_place(scenario, wanted, beside, "")
    raise missing(scenario, f"`{wanted}` is not part of regengine and was not given")


def shared_folder(scenario: Scenario) -> Path | None:
    """`../shared/data` beside a checkout, for a scenario in the checkout's own `scenarios/`."""
    folder = scenario.file.resolve().parent
    beside = folder.parent.parent / "shared" / "data"
    return beside if folder.name == "scenarios" and beside.is_dir() else None


def in_place(scenario: Scenario, wanted: Path, place: Path, said: str) -> Path:
    if place.is_file():
        return place
    for candidate in (place / wanted, place / wanted.name):
        if candidate.is_file():
            return candidate
    what = f"`{place}`{said} does not hold `{wanted}`" if place.is_dir() else f"`{place}`{said} does not exist"
    raise missing(scenario, what)


def missing(scenario: Scenario, message: str) -> ProblemError:
    source = scenario.document.source
    how = f"give the file, or the folder that holds it, with `--data`, or the folder in {VARIABLE}"
    offered = f"{source.publisher.say('en')} offers it at {source.where}; " if source else ""
    place: Place = scenario.root.place(("data", "file"), scenario.shown)
    return one_problem("data-missing", message, place=place, hint=offered + how)
