"""What tests share: the real command in this process, and small tables of housing inspections with known grades."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner


@dataclass(frozen=True)
class Ran:
    """How a command ended."""

    code: int
    out: str
    err: str


@pytest.fixture
def run() -> Callable[..., Ran]:
    """Run `regengine` with some arguments. Fails the test where an exception other than an exit left it."""

    def ran(*args: object) -> Ran:
        from regengine.cli import main

        result = CliRunner().invoke(main, [str(arg) for arg in args], prog_name="regengine")
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert "Traceback" not in result.output
        return Ran(result.exit_code, result.stdout, result.stderr)

    return ran


@pytest.fixture
def scores(tmp_path: Path) -> Path:
    """A CSV of seven properties for `us/hud-reac`: one standard 1, two standard 2, three standard 3, one failing."""
    path = tmp_path / "scores.csv"
    path.write_text("enterprise,inspection_score\np1,95\np2,89\np3,80\np4,79\np5,70\np6,60\np7,59\n", encoding="utf-8")
    return path
