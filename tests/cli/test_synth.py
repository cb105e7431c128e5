"""`regengine synth netdz`: the folder, the figures beside it, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from regengine.population import REGISTERS


def test_a_population_with_its_figures(run: Any, tmp_path: Path) -> None:
    ran = run("synth", "netdz", tmp_path / "zones", "--size", 5_000, "--format", "json")
    assert (ran.code, ran.err) == (0, "")
    told = json.loads(ran.out)
    assert told["rows"]["enterprises"] == 5_000
    figures = {figure["figure"]: figure["reached"] for figure in told["figures"]}
    assert (figures["exporter"], figures["foreign_invested"]) == (0.0202, 0.0122)
    assert sorted(path.name for path in (tmp_path / "zones").iterdir()) == sorted(["about.json", "enterprises", *REGISTERS])
    assert [path.name for path in tmp_path.iterdir()] == ["zones"]


def test_the_commands_read_what_it_writes(run: Any, tmp_path: Path) -> None:
    zones, facts = tmp_path / "zones", tmp_path / "facts.parquet"
    assert run("synth", "netdz", zones, "--size", 2_000).code == 0
    registers = [part for name in REGISTERS for part in ("--register", f"{name}={zones / name}")]
    ran = run("facts", "cn/henan-2022", zones / "enterprises", *registers, "--as-of", "2026-11-01", "--out", facts)
    assert ran.code == 0, ran.err
    ran = run("grade", "cn/henan-2022", facts, "--as-of", "2026-11-01", "--out", tmp_path / "graded.parquet")
    assert ran.code == 0, ran.err
    assert pl.read_parquet(tmp_path / "graded.parquet").height == 2_000


def test_tables_in_both_languages(run: Any, tmp_path: Path) -> None:
    english = run("synth", "netdz", tmp_path / "a", "--size", 100).out
    chinese = run("synth", "netdz", tmp_path / "b", "--size", 100, "--lang", "zh").out
    assert english.splitlines()[0].split() == ["share", "of", "enterprises", "target", "reached"]
    assert "100 made-up enterprises" in english
    assert "规模以上工业企业" in chinese
    assert "100户虚构企业" in chinese


@pytest.mark.parametrize("there", ["folder", "file"])
def test_what_is_there_is_left_alone(run: Any, tmp_path: Path, there: str) -> None:
    out = tmp_path / "out"
    kept = out / "kept" if there == "folder" else out
    if there == "folder":
        out.mkdir()
    kept.write_text("mine", encoding="utf-8")
    ran = run("synth", "netdz", out, "--size", 10)
    assert ran.code == 2
    assert "[output-exists]" in ran.err
    assert kept.read_text("utf-8") == "mine"


def test_a_write_that_fails_leaves_nothing(run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise pl.exceptions.ComputeError("parquet: underlying IO error: No space left on device (os error 28)")

    monkeypatch.setattr(pl.DataFrame, "write_parquet", full)
    ran = run("synth", "netdz", tmp_path / "out", "--size", 10)
    assert ran.code == 2
    assert "cannot write here: No space left on device" in ran.err
    assert "[output-failed]" in ran.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("more", "what"), [(["--size", 0], "--size"), (["--seed", -1], "--seed"), (["--size", 99_999_999], "option-wrong")])
def test_bad_numbers(run: Any, tmp_path: Path, more: list[object], what: str) -> None:
    ran = run("synth", "netdz", tmp_path / "out", *more)
    assert ran.code == 2
    assert what in ran.err
    assert list(tmp_path.iterdir()) == []
