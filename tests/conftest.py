"""What tests share: the real command in this process, and small tables of housing inspections with known grades."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pytest
from click.testing import CliRunner


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[Any]) -> None:
    """The group of a test (`xdist_group`) where pytest 9.2 looks for it: pytest-xdist 3.8 still writes it to a field of before (its issue 1386).

    Without it every worker starts a Spark of its own.
    """
    for item in items:
        if "_nodeid" in vars(item):
            item._id = item._id.parse(item._nodeid)


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


@pytest.fixture(scope="session")
def durable_rules() -> None:
    """Where durable-rules is not here the test is skipped; in CI it fails, unless no version of it runs on this Python."""
    if sys.version_info >= (3, 13):
        pytest.skip("no version of durable-rules runs on Python 3.13 or later")
    if find_spec("durable") is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("no durable-rules here: it takes a C compiler and Python's headers")


# What follows serves every test that runs on all kinds of frame.
FRAMES = ("polars", "lazy", "pandas", "duckdb", pytest.param("spark", marks=pytest.mark.xdist_group("spark")))


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A Spark of two workers with an executor each, in processes of their own; without Java the test is skipped, in CI it fails."""
    if shutil.which("java") is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("no Java here: Spark needs openjdk-17-jre-headless")
    from pyspark.sql import SparkSession

    folder = tmp_path_factory.mktemp("spark")
    os.environ |= {"SPARK_LOCAL_IP": "127.0.0.1", "SPARK_LOCAL_HOSTNAME": "localhost", "SPARK_WORKER_DIR": str(folder / "workers")}
    settings = {
        "spark.driver.memory": "1g",
        "spark.executor.memory": "1g",
        "spark.local.dir": str(folder / "local"),
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }
    session = SparkSession.builder.master("local-cluster[2,1,1024]").appName("regengine tests").config(map=settings).getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    yield session
    session.stop()


class Frames:
    """The same table as each kind of frame, and each kind of frame as plain rows."""

    def __init__(self, request: pytest.FixtureRequest, folder: Path) -> None:
        self.request, self.folder, self.count = request, folder, 0

    def of(self, kind: str, table: pl.DataFrame) -> Any:
        """A Polars table as a frame of the kind; pandas with its types that know missing values, Spark from a Parquet file."""
        match kind:
            case "polars":
                return table
            case "lazy":
                return table.lazy()
            case "pandas":
                kinds = {pl.Boolean(): "boolean", pl.Int64(): "Int64", pl.Float64(): "Float64", pl.Date(): "datetime64[ms]", pl.String(): "str"}
                return pd.DataFrame({name: pd.array(column.to_list(), dtype=kinds[column.dtype]) for name, column in zip(table.columns, table, strict=True)})
            case "duckdb":
                import duckdb

                return duckdb.from_arrow(table.to_arrow())
            case _:
                self.count += 1
                path = self.folder / f"{self.count}.parquet"
                table.write_parquet(path)
                return self.request.getfixturevalue("spark").read.parquet(str(path))

    def rows(self, frame: Any) -> list[dict[str, Any]]:
        """The rows as plain Python values; in the order of their first column where the frame keeps none."""
        if isinstance(frame, pd.DataFrame):
            made: list[dict[str, Any]] = frame.astype(object).where(frame.notna(), None).to_dict("records")
            return made
        if isinstance(frame, pl.DataFrame | pl.LazyFrame):
            return frame.lazy().collect().to_dicts()
        table = frame.pl() if hasattr(frame, "pl") else pl.from_arrow(frame.toArrow())
        assert isinstance(table, pl.DataFrame)
        return table.sort(table.columns[0], nulls_last=True).to_dicts()


@pytest.fixture(params=FRAMES)
def kind(request: pytest.FixtureRequest) -> str:
    """Each kind of frame that the engine runs on."""
    return str(request.param)


@pytest.fixture
def frames(request: pytest.FixtureRequest, tmp_path: Path) -> Frames:
    return Frames(request, tmp_path)
