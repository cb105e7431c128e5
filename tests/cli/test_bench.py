"""`regengine bench`: what is measured and told, never how fast it was."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from regengine import bench
from regengine.cli.bench import Result, as_tables
from regengine.cli.common import console
from regengine.problems import ProblemError


def test_an_engine_single_decisions_and_the_machine(run: Any) -> None:
    ran = run("bench", "--size", 300, "--engine", "polars,single", "--rounds", 1, "--format", "json")
    assert (ran.code, ran.err) == (0, "")
    told = json.loads(ran.out)
    assert (told["rulebook"], told["as_of"], told["size"], told["left_out"]) == ("cn/henan-2022", "2026-11-01", 300, {})
    assert [(one["engine"], one["rows"]) for one in told["engines"]] == [("polars", 300), ("single", 300)]
    assert all(one["processor"] > 0 and one["clock"] > 0 and one["rows_per_second"] > 0 for one in told["engines"])
    assert [(one["threads"], one["reasons"]) for one in told["decisions"]] == [(1, False), (1, True), (8, False), (8, True)]
    assert all(0 < one["p50"] <= one["p99"] for one in told["decisions"])
    assert 0 < told["start_up"]["import_ms"] < told["start_up"]["first_decision_ms"]
    assert {"python", "polars", "regengine"} <= set(told["machine"]["versions"])


def test_tables_in_both_languages(capsys: pytest.CaptureFixture[str]) -> None:
    graded = [bench.Throughput("polars", 1_000, bench.Spent(0.5, 0.25), 100.0), bench.Throughput("spark", 1_000, bench.Spent(0.5, 0.25), None)]
    machine = {"processor": "P", "cores": 2, "memory_gb": 8, "system": "Linux", "versions": {"python": "3.11"}}
    result = Result(
        1_000,
        graded,
        {"duckdb": "`duckdb` is not installed, which the engine `duckdb` needs"},
        [bench.Latency(8, True, 20.04, 40.0, 9_000)],
        {"import_ms": 5.0, "first_decision_ms": 300.0},
        machine,
    )
    for lang in ("en", "zh"):
        for part in as_tables(result, lang):
            console().print(part)
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines.count(["polars", "1,000", "0.25", "4,000", "2,000", "100"]) == 2
    assert lines.count(["spark", "1,000", "0.25", "4,000", "2,000", "-"]) == 2
    assert ["8", "with", "20.0", "40.0", "9,000"] in lines
    assert ["8", "含", "20.0", "40.0", "9,000"] in lines
    assert ["start-up:", "import", "in", "5", "ms,", "first", "decision", "after", "300", "ms"] in lines
    assert ["启动：导入5毫秒，300毫秒后作出首个判定"] in lines


def test_an_engine_that_is_not_known(run: Any) -> None:
    ran = run("bench", "--engine", "polaris")
    assert ran.code == 2
    assert "`polaris` is not an engine; known: polars" in ran.err


def test_an_engine_that_is_not_installed(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "PACKAGES", {"pandas": "no_such_package"})
    ran = run("bench", "--engine", "pandas")
    assert ran.code == 2
    assert "`no_such_package` is not installed, which the engine `pandas` needs [extra-missing]" in ran.err


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The facts of 200 enterprises."""
    path = tmp_path_factory.mktemp("bench") / "facts.parquet"
    bench.netdz_facts(path, 200)
    assert pl.read_parquet(path).shape == (200, 43)  # the key and 42 facts
    return path


@pytest.mark.parametrize("engine", ["polars", "pandas", "duckdb", "single", "durable"])
def test_each_engine_writes_every_enterprise(facts: Path, engine: str, request: pytest.FixtureRequest) -> None:
    if engine == "durable":
        request.getfixturevalue("durable_rules")
    assert bench.throughput(engine, facts, 200, rounds=1).rows == 200


def test_work_takes_turns_and_the_best_round_counts() -> None:
    done: list[str] = []
    found = bench.alternate({"a": lambda: done.append("a"), "b": lambda: done.append("b")}, rounds=2)
    assert done == ["a", "b"] * 3  # a round that warms up, and two
    assert list(found) == ["a", "b"]


def test_an_engine_that_breaks_off_is_told(facts: Path, tmp_path: Path) -> None:
    with pytest.raises(ProblemError, match="wrote 200 of 201 enterprises"):
        bench.throughput("polars", facts, 201, rounds=1)
    with pytest.raises(ProblemError, match="`polars` did not come through 200 enterprises"):
        bench.throughput("polars", tmp_path / "nothing.parquet", 200, rounds=1)
