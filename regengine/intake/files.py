"""Tables on disk: CSV, Parquet, JSON lines and Excel, read lazily with Polars and written whole or not at all.

Guarantees: a table that `scan_table` gives has columns and rows, and `rows` was counted apart from any grading, so that
what comes out can be held against it; an output stands under its final name only when every output of the run was
written. Does not guarantee that a damaged Parquet file is noticed: one without page checksums, or whose damage still
decodes, reads as other values.
"""

from __future__ import annotations

import json
import os
import re
import secrets
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..problems import Place, ProblemError, nearest, one_problem
from .csv_form import BOM, csv_form

if TYPE_CHECKING:
    import polars as pl

__all__ = ["KINDS", "Source", "as_problems", "check_kind", "read_row", "scan_output", "scan_table", "write_outputs"]

KINDS = {".csv": "csv", ".parquet": "parquet", ".jsonl": "jsonl", ".ndjson": "jsonl"}
EXCEL = (".xlsx", ".xlsm")


@dataclass(frozen=True, slots=True)
class Source:
    """A table to be read: its lazy frame, its number of rows, and whether a text in it may stand for a value of any type.

    `kept` is what the frame reads from where that is temporary (a `Spool`, which goes when the program ends, or with its `end()`).
    """

    path: Path
    lazy: pl.LazyFrame
    rows: int
    texts: bool
    kept: object = None
    name: str | None = None  # what a person calls it, where that is no path

    def __str__(self) -> str:
        return self.name or str(self.path)


def check_kind(path: Path) -> str:
    """`csv`, `parquet` or `jsonl`, by the ending of the name. Raises `ProblemError` (`file-kind`) for any other."""
    kind = KINDS.get(path.suffix.lower())
    if kind is None:
        message = f"`{path.suffix}` is not a kind of table that is read or written here" if path.suffix else "the name has no ending that tells its kind"
        raise one_problem("file-kind", message, place=Place(str(path)), hint="use .csv, .parquet or .jsonl")
    return kind


def scan_table(path: Path, *, sheet: str | None = None, empty: bool = False) -> Source:
    """A table, scanned lazily: a CSV, Parquet, JSON lines or Excel file, or a folder of Parquet files.

    CSV may be in UTF-8 (with or without a byte order mark) or GB18030; every column is text, and an empty cell or a cell
    with empty quotes is null. A GB18030 file is held in memory. In JSON lines, numbers and truth values keep their
    type and texts may stand for others, such as dates. Of a workbook, `sheet` is the name of a sheet (see `excel`). With
    `empty`, a CSV or Parquet table without rows is one, as a register may be. Raises
    `ProblemError`: `file-missing`, `file-kind`, `file-empty`, `file-encoding`, `file-unreadable`, `extra-missing`.
    """
    with as_problems(path):
        if not path.exists():
            raise one_problem("file-missing", "there is no such file or folder", place=Place(str(path)))
        if path.is_dir():
            return scan_parquet(path, empty=empty)
        book = path.suffix.lower() in EXCEL
        kind = "excel" if book else check_kind(path)
        if not path.stat().st_size:
            raise one_problem("file-empty", "the file holds nothing", place=Place(str(path)))
        if book:
            from .excel import scan_excel

            return scan_excel(path, sheet)
        if kind == "csv":
            return scan_csv(path, empty=empty)
        return scan_jsonl(path) if kind == "jsonl" else scan_parquet(path, empty=empty)


def scan_csv(path: Path, *, empty: bool) -> Source:
    import polars as pl

    form = csv_form(path, empty=empty)
    lazy = pl.scan_csv(form.text or path, infer_schema=False, null_values=[""], glob=False)
    if form.blanks:  # Polars reads a blank line as a row of nulls
        number = "".join(form.columns) + "row"  # no column has this name
        lazy = lazy.with_row_index(number).filter(~pl.col(number).is_in(form.blanks)).drop(number)
    return Source(path, lazy, form.rows, texts=True)


def scan_parquet(path: Path, *, empty: bool) -> Source:
    import polars as pl

    files, parted = [path], False
    if path.is_dir():
        files = sorted(file for file in path.rglob("*.parquet") if file.is_file() and not file.name.startswith((".", "_")))
        parted = any("=" in part for file in files for part in file.relative_to(path).parts[:-1])
    if not files:
        raise one_problem("file-kind", "the folder holds no Parquet files", place=Place(str(path)), hint="of other kinds, give one file")
    return counted(path, pl.scan_parquet(files, glob=False, hive_partitioning=parted), texts=False, empty=empty)


def scan_jsonl(path: Path) -> Source:
    import polars as pl

    lazy = pl.scan_ndjson(path, infer_schema_length=None)
    nothing = [name for name, dtype in lazy.collect_schema().items() if dtype == pl.Null]
    return counted(path, lazy.with_columns(pl.col(nothing).cast(pl.String)) if nothing else lazy, texts=True)


def check_lines(path: Path) -> None:
    """Find the line for which Polars, which names none, could not read a JSON lines file. Raises `ProblemError`, or finds nothing."""
    some = False
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            place = Place(str(path), number)
            if line.startswith(BOM):
                raise one_problem(
                    "file-unreadable", "the file starts with a byte order mark, which JSON lines may not have", place=place, hint="save it without one"
                )
            try:
                read = json.loads(line.decode()) if line.strip() else {}
            except UnicodeDecodeError:
                raise one_problem("file-encoding", "the line is not UTF-8", place=place, hint="save the file as UTF-8") from None
            except json.JSONDecodeError as error:
                raise one_problem("file-unreadable", f"the line is not JSON: {lower(error.msg)} at character {error.colno}", place=place) from None
            if not isinstance(read, dict):
                raise one_problem("file-unreadable", "the line is not a JSON object", place=place, hint='a line is one row: {"column": value, …}')
            some = some or bool(line.strip())
    if not some:
        raise one_problem("file-empty", "the file holds no rows", place=Place(str(path)))


def counted(path: Path, lazy: pl.LazyFrame, *, texts: bool, empty: bool = False) -> Source:
    import polars as pl

    if not lazy.collect_schema():
        raise one_problem("file-empty", "the table has no columns", place=Place(str(path)))
    rows = int(lazy.select(pl.len()).collect(engine="streaming").item())
    if not rows and not empty:
        raise one_problem("file-empty", "the table has no rows", place=Place(str(path)))
    return Source(path, lazy, rows, texts)


def read_row(path: Path, key: str, key_column: str = "enterprise") -> tuple[dict[str, Any], bool]:
    """The row of one enterprise by column, and whether a text in it may stand for a value of any type.

    Raises `ProblemError` where the table cannot be read (as `scan_table`), has no column `key_column` or more than one row
    with the key (`key-column`), or none (`option-wrong`).
    """
    import polars as pl

    source = scan_table(path)
    place = Place(str(path), key=key)
    with as_problems(path):
        columns = source.lazy.collect_schema().names()
        if key_column not in columns:
            raise one_problem("key-column", f"there is no column `{key_column}`", place=Place(str(path)), hint=nearest(key_column, columns))
        found = source.lazy.filter(pl.col(key_column).cast(pl.String) == key).head(2).collect(engine="streaming")
    if found.is_empty():
        raise one_problem("option-wrong", f"no row has this key in the column `{key_column}`", place=place)
    if len(found) > 1:
        raise one_problem("key-column", f"more than one row has this key in the column `{key_column}`", place=place)
    return found.row(0, named=True), source.texts


def write_outputs(frames: Mapping[Path, pl.LazyFrame], *, unless_empty: Collection[Path] = (), rows_in: int | None = None) -> dict[Path, int]:
    """Work out all frames in one streaming run and write each to its path, in the order of its rows; the rows of each.

    Each is written beside its final name and takes it when all were written, so a failure leaves every final name as
    it was. A missing folder is made. A path in `unless_empty` is not written when it has no rows, and what stood there of an
    earlier run is removed. Where `rows_in` is given, the outputs must hold so many rows together. Raises `ProblemError`:
    `file-kind`, `output-exists` where a folder has the name, `output-failed`; what fails in reading leaves as Polars raised it
    (see `as_problems`).
    """
    import polars as pl

    kinds = {path: check_kind(path) for path in frames}
    beside = {path: path.with_name(f".{path.name}.{secrets.token_hex(4)}.part") for path in frames}
    try:
        for path in frames:
            make_room(path)
        try:
            # each output reads the table for itself: work shared between them would be kept in memory until the slower has had it
            apart = pl.QueryOptFlags(comm_subplan_elim=False)
            pl.collect_all([sink(frame, beside[path], kinds[path]) for path, frame in frames.items()], engine="streaming", optimizations=apart)
            rows = {path: rows_of(beside[path], kinds[path]) for path in frames}
        except OSError as error:
            raise failed(next(iter(frames)), error) from None
        except pl.exceptions.ComputeError as error:
            if "IO error" in str(error):  # as the Parquet writer tells of a full disk
                raise failed(next(iter(frames)), error) from None
            raise
        if rows_in is not None and sum(rows.values()) != rows_in:
            raise one_problem("output-failed", f"{rows_in:,} rows came in and {sum(rows.values()):,} would go out", hint="was the input changed meanwhile?")
        for path in frames:
            try:
                if rows[path] or path not in unless_empty:
                    beside[path].replace(path)
                else:
                    path.unlink(missing_ok=True)
            except OSError as error:
                raise failed(path, error) from None
        return rows
    finally:
        for path in beside.values():
            if os.path.lexists(path):
                path.unlink()


def make_room(path: Path) -> None:
    if path.is_dir():
        raise one_problem("output-exists", "a folder has this name", place=Place(str(path)), hint="name a file")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise failed(path, error) from None


def failed(path: Path, error: Exception) -> ProblemError:
    return one_problem("output-failed", f"the file could not be written: {said(error)}", place=Place(str(path)))


def sink(frame: pl.LazyFrame, path: Path, kind: str) -> pl.LazyFrame:
    made: pl.LazyFrame | None
    if kind == "parquet":
        made = frame.sink_parquet(path, lazy=True)
    else:
        made = frame.sink_csv(path, lazy=True) if kind == "csv" else frame.sink_ndjson(path, lazy=True)
    assert made is not None  # with `lazy`, Polars gives the plan
    return made


def rows_of(path: Path, kind: str) -> int:
    """The rows of a file that was just written."""
    import polars as pl

    if kind == "jsonl":
        with path.open("rb") as file:
            return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))
    return int(scan_written(path, kind).select(pl.len()).collect().item())


def scan_output(path: Path) -> pl.LazyFrame:
    """A table that `write_outputs` wrote and that has rows, scanned lazily; CSV as text."""
    return scan_written(path, check_kind(path))


def scan_written(path: Path, kind: str) -> pl.LazyFrame:
    import polars as pl

    if kind == "parquet":
        return pl.scan_parquet(path, glob=False)
    return pl.scan_csv(path, infer_schema=False, null_values=[""], glob=False) if kind == "csv" else pl.scan_ndjson(path, infer_schema_length=None)


@contextmanager
def as_problems(path: Path) -> Iterator[None]:
    """Turn what Polars and the system raise while the table at `path` is read into a `ProblemError`.

    Put it around the execution of a lazy frame as well: a damaged page or a bad line shows only then.
    """
    import polars as pl

    place = Place(str(path))
    try:
        yield
    except FileNotFoundError:
        raise one_problem("file-missing", "there is no such file or folder", place=place) from None
    except PermissionError:
        raise one_problem("file-missing", "the file may not be read", place=place) from None
    except OSError as error:
        raise one_problem("file-unreadable", f"the file cannot be read: {said(error)}", place=place) from None
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        if KINDS.get(path.suffix.lower()) == "jsonl" and path.is_file():
            check_lines(path)
        what = (
            "the files of the folder do not hold the same columns"
            if path.is_dir() and isinstance(error, pl.exceptions.SchemaError)
            else "the file cannot be read"
        )
        hint = None if path.is_dir() else "it may be damaged, cut short, or of another kind"
        raise one_problem("file-unreadable", f"{what}: {said(error)}", place=place, hint=hint) from None


def said(error: BaseException) -> str:
    """The first line of what an engine or the system says, as part of a sentence."""
    text = error.strerror if isinstance(error, OSError) and error.strerror else next(iter(str(error).splitlines()), type(error).__name__)
    return lower(re.sub(r" ?\(os error \d+\).*|, hint: .*|^parquet: |File out of specification: |underlying IO error: ", "", text).strip())


def lower(text: str) -> str:
    """A message as a part of a sentence: its first letter small, unless its first word is a name."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]
