"""The frame of a draw: the enterprises that may be drawn with their strata, checked; and its manifest, the file from which all can recompute the draw.

Each line of a manifest is `key|stratum` in UTF-8, ended by a line feed; the lines are sorted by their bytes.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import narwhals as nw
import polars as pl

from ...intake.files import said
from ...intake.frame import all_different
from ...problems import Place, Problem, ProblemError, one_problem
from ..visit import FLOOR
from .tickets import CONTROL, DUCKDB, SPARK, engine_of, texts_of

__all__ = ["checked", "framed", "in_polars", "read_manifest", "sha256_of", "write_manifest"]

UNFIT = rf"\||{CONTROL}"
SHOWN = 5  # rows that are named one by one
LINE = pl.format("{}|{}", "enterprise", "stratum")


def framed(frame: Any, key: str, stratum: str) -> tuple[str, Any]:
    """What holds a table, and as a table for narwhals its `enterprise` and `stratum` as texts, with `k` and `s`, by which they are compared as bytes.

    pandas comes as Polars. Raises `ProblemError` as `engine_of` does.
    """
    engine = engine_of(frame, [key, stratum])
    match engine:
        case "duckdb":
            return engine, nw.from_native(frame.project(", ".join(DUCKDB.framed(key, stratum))))
        case "spark":
            return engine, nw.from_native(frame.selectExpr(*SPARK.framed(key, stratum)))
        case "pandas":
            table = pl.DataFrame({"enterprise": texts_of(frame, key), "stratum": texts_of(frame, stratum)})
        case "polars":
            table = frame.lazy().select(pl.col(key).cast(pl.String).alias("enterprise"), pl.col(stratum).cast(pl.String).alias("stratum")).collect()
    return engine, nw.from_native(table.with_columns(k="enterprise", s="stratum"))


def in_polars(frame: Any, key: str, stratum: str) -> pl.DataFrame:
    """A table of any kind as Polars, with `enterprise` and `stratum` alone."""
    engine, table = framed(frame, key, stratum)
    native = table.select("enterprise", "stratum").to_native()
    if engine == "duckdb":
        native = native.pl()
    elif engine == "spark":
        native = pl.from_arrow(native.toArrow())
    assert isinstance(native, pl.DataFrame)
    return native


def checked(table: Any) -> dict[str, int]:
    """How many each stratum of a `framed` table holds. Raises `ProblemError` (`draw-frame`) that names the first rows which cannot stand in a draw."""
    unfit = [unfit_text("enterprise"), unfit_text("stratum") | (nw.col("stratum") == FLOOR)]
    wrong = nw.any_horizontal(*unfit, ignore_nulls=True)
    groups = table.with_columns(wrong=wrong.cast(nw.Int64())).group_by("s").agg(rows=nw.len(), wrong=nw.col("wrong").sum()).lazy().collect()
    if sum(groups.get_column("wrong").to_list()):
        rows = table.filter(wrong).select("enterprise", "stratum").head(SHOWN).lazy().collect().rows()
        raise ProblemError(problem for key, stratum in rows for problem in unfit_problems(key, stratum))
    if twice := doubled(table):
        raise ProblemError(Problem("draw-frame", "the key stands in more than one row", Place(key=key), "each enterprise has one ticket") for key in twice)
    names = [name.decode() if isinstance(name, bytes) else str(name) for name in groups.get_column("s").to_list()]
    return dict(sorted(zip(names, map(int, groups.get_column("rows").to_list()), strict=True), key=lambda pair: pair[0].encode()))


def unfit_text(column: str) -> nw.Expr:
    text = nw.col(column)
    return text.is_null() | (text == "") | text.str.contains(UNFIT)


def unfit_problems(key: str | None, stratum: str | None) -> list[Problem]:
    """What is wrong with one row."""
    problems = []
    for column, text in (("enterprise", key), ("stratum", stratum)):
        if not text:
            problems.append(Problem("draw-frame", f"the {'key' if column == 'enterprise' else column} is empty", Place(key=key, field=column)))
        elif column == "stratum" and text == FLOOR:
            problems.append(Problem("draw-frame", f"a stratum may not be called `{FLOOR}`: so is the random floor", Place(key=key, field=column)))
        elif pl.Series([text]).str.contains(UNFIT).item():
            message = f"{ascii(text)[1:-1]} holds `|`, a line break or a control character"
            problems.append(Problem("draw-frame", message, Place(field=column), "a line of the manifest is `key|stratum`"))
    return problems


def doubled(table: Any) -> list[str]:
    """The first keys that stand in more than one row."""
    if table.implementation.is_polars() and all_different(table.lazy().select("k").to_native()):
        return []
    found = table.group_by("k").agg(rows=nw.len(), enterprise=nw.col("enterprise").min()).filter(nw.col("rows") > 1).head(SHOWN)
    return sorted(map(str, found.lazy().collect().get_column("enterprise").to_list()))


def write_manifest(frame: Any, path: Path, key: str = "enterprise", stratum: str = "stratum") -> tuple[str, dict[str, int]]:
    """Write the manifest of a table of any kind; its SHA-256, and how many each stratum holds.

    Raises `ProblemError`: `draw-frame`, `output-failed`.
    """
    table = in_polars(frame, key, stratum)
    population = checked(framed(table, "enterprise", "stratum")[1])
    try:
        table.select(LINE).sort("enterprise").write_csv(path, include_header=False, quote_style="never")
    except (OSError, pl.exceptions.ComputeError) as error:
        raise one_problem("output-failed", f"the file could not be written: {said(error)}", place=Place(str(path))) from None
    return sha256_of(path), population


def read_manifest(path: Path) -> pl.DataFrame:
    """The `enterprise` and `stratum` of each line of a manifest. Raises `ProblemError` (`draw-record`) where a line is not one, or not in its place."""
    schema = {"enterprise": pl.String, "stratum": pl.String}
    try:
        table = pl.read_csv(path, separator="|", has_header=False, quote_char=None, schema=schema, glob=False)
    except pl.exceptions.NoDataError:
        return pl.DataFrame(schema=schema)
    except pl.exceptions.PolarsError as error:
        raise one_problem("draw-record", f"this is not a manifest: {said(error)}", place=Place(str(path))) from None
    lines = table.select(LINE).to_series()
    if lines.is_sorted() and (lines.str.len_bytes() + 1).sum() == path.stat().st_size:
        return table
    raise one_problem("draw-record", "the manifest is not lines `key|stratum`, each ended by a line feed, sorted by their bytes", place=Place(str(path)))


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal. Raises `ProblemError` (`file-missing`)."""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise one_problem("file-missing", f"the file cannot be read: {error.strerror or error}", place=Place(str(path))) from None
