"""What tests share: the real command in this process, and small tables of housing inspections with known grades."""

from __future__ import annotations

import os
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


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real inspections and code tables; without it the test is skipped, in CI it fails."""
    folder = Path(os.environ.get("REGENGINE_DATA") or Path(__file__).resolve().parents[2] / "shared" / "data")
    if not (folder / "hud_reac_inspections.parquet").is_file():
        why = "no real inspections here: set REGENGINE_DATA to the folder that holds hud_reac_inspections.parquet"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(why)
    return folder
