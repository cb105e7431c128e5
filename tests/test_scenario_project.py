"""Scenarios with a `project`: an assumption without a range, or of a grade that there is none of, is refused before anything runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

SHIPPED = Path(__file__).resolve().parent.parent / "scenarios" / "project-zone.yaml"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("{value: 0.7,  range: [0.5, 0.9],   source: assumed}", "{value: 0.7, source: assumed}", "range"),
        ("{value: 0.7,  range: [0.5, 0.9],   source: assumed}", "{value: 0.7, range: [0.5, 0.9]}", "source"),
        ("{value: 0.7,  range: [0.5, 0.9],   source: assumed}", "{value: 0.7, range: [0.8, 0.9], source: assumed}", "does not lie in its range"),
        ("{value: 0.7,  range: [0.5, 0.9],   source: assumed}", "{value: 0.7, range: [0.5, 1.9], source: assumed}", "is a share and may reach 1.9"),
        ("- {name: now,", "- {name: more-visits,", "`more-visits` is the name of two policies"),
    ],
)
def test_what_cannot_be_supposed_is_refused(run: Callable[..., Any], tmp_path: Path, old: str, new: str, said: str) -> None:
    text = SHIPPED.read_text("utf-8")
    assert old in text
    path = tmp_path / "zone.yaml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    ran = run("run", path, "--out", tmp_path / "out")
    assert ran.code == 2
    assert said in ran.err
    assert not (tmp_path / "out").exists()
