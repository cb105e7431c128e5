"""A source as the frame of another engine, what that engine worked out as a lazy table again, and tables of DuckDB files.

What an engine worked out stands in temporary files until it is written, so that outputs are written whole by one way for all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..problems import Place, ProblemError, nearest, one_problem
from .files import Source, counted
from .spool import CHUNK, Spool, extra

if TYPE_CHECKING:
    import polars as pl

__all__ = ["DUCKDB", "ENGINES", "lazily", "opened", "scan_duckdb"]

ENGINES = ("polars", "pandas", "duckdb")
DUCKDB = (".duckdb", ".ddb")
CLOSED = {"enable_external_access": False}  # nothing that a query says may read or write another file


def opened(source: Source, engine: str) -> Any:
    """The rows of a source as a lazy Polars frame, a pandas frame with Arrow's types, or a DuckDB relation.

    DuckDB reads Parquet itself, and other kinds of file out of memory.
    """
    if engine == "polars":
        return source.lazy
    extra("pyarrow", "pyarrow", "duckdb")
    if engine == "pandas":
        return source.lazy.collect(engine="streaming").to_pandas(use_pyarrow_extension_array=True)
    duckdb = extra("duckdb", "duckdb", "duckdb")
    connection = duckdb.connect()
    if source.kept is None and source.path.suffix.lower() == ".parquet" and source.path.is_file():
        return connection.read_parquet(re.sub(r"([*?\[\]])", r"[\1]", str(source.path)))
    return connection.from_arrow(source.lazy.collect(engine="streaming").to_arrow())


def lazily(frame: Any, name: str) -> pl.LazyFrame:
    """What an engine worked out, as a lazy Polars frame."""
    import polars as pl

    if isinstance(frame, pl.LazyFrame):
        return frame
    if not hasattr(frame, "write_parquet"):
        table: pl.DataFrame = pl.from_pandas(frame)
        return table.lazy()
    path = Spool(frame.columns, name).folder / "000000.parquet"
    with failing(name):
        frame.write_parquet(str(path))
    return pl.scan_parquet(path, glob=False)


def scan_duckdb(path: Path, *, table: str | None = None, query: str | None = None) -> Source:
    """The rows of a table, or of a query, of a DuckDB file, which is opened for reading only.

    Raises `ProblemError`: `file-missing`, `file-unreadable`, `file-empty`, `option-wrong` unless there is one of `table` and
    `query`, `database-failed` where another process holds the file or the query fails, `extra-missing`.
    """
    import polars as pl

    duckdb, place = extra("duckdb", "duckdb", "duckdb"), Place(str(path))
    if (table is None) == (query is None):
        raise one_problem("option-wrong", "a database is read by one of a table and a query", place=place, hint="give `--table NAME` or `--query 'SELECT …'`")
    if not path.is_file():
        raise one_problem("file-missing", "there is no such file", place=place)
    with failing(str(path)), duckdb.connect(str(path), read_only=True, config=CLOSED) as connection:
        names = [name for (name,) in connection.execute("SELECT table_name FROM information_schema.tables").fetchall()]
        if table is not None and table not in names:
            raise one_problem("option-wrong", f"the database has no table `{table}`", place=place, hint=nearest(table, names))
        rows = connection.table(f'"{table}"') if table is not None else connection.sql(str(query))
        if rows is None:
            raise one_problem("option-wrong", "the query gives no rows", place=place, hint="write a SELECT")
        spool = Spool(rows.columns, str(path))
        for batch in rows.to_arrow_reader(CHUNK):
            spool.keep(pl.DataFrame(batch))
    if not spool.rows:
        raise one_problem("file-empty", "the table has no rows", place=place)
    source = counted(path, pl.scan_parquet(spool.files, glob=False), texts=False)
    return Source(path, source.lazy, source.rows, texts=False, kept=spool)


@contextmanager
def failing(name: str) -> Iterator[None]:
    """Turn what DuckDB raises into a `ProblemError`."""
    import duckdb

    try:
        yield
    except ProblemError:
        raise
    except duckdb.Error as error:
        said = str(error).splitlines()[0]
        locked = "lock" in said.lower()
        message = "another process holds the file" if locked else f"DuckDB failed: {said}"
        raise one_problem("database-failed", message, place=Place(name), hint="close the program that has it open" if locked else None) from None
