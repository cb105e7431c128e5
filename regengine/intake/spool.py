"""A source that can be read only once, kept as text in temporary Parquet files while it is read from its beginning several times.

Guarantees bounded memory while rows are taken in: no more than a chunk of them is held. The files go away when the program ends,
or with `end`; not with the `Spool`, since a lazy frame that reads them does not hold it.
"""

from __future__ import annotations

import atexit
import datetime as dt
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from decimal import Decimal
from importlib import import_module
from math import isfinite
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from ..problems import Place, one_problem

if TYPE_CHECKING:
    import polars as pl

__all__ = ["CHUNK", "Spool", "as_text", "extra"]

CHUNK = 50_000  # rows that are held at a time


class Spool:
    """A temporary folder of Parquet files, each with one chunk of rows; all columns are text, unless they are kept as they come."""

    def __init__(self, columns: Sequence[str], name: str) -> None:
        self.columns, self.name = tuple(columns), name
        self.folder = Path(tempfile.mkdtemp(prefix="regengine-"))
        self.files: list[Path] = []
        self.rows = 0
        atexit.register(self.end)

    def end(self) -> None:
        """Take the files away."""
        shutil.rmtree(self.folder, ignore_errors=True)
        atexit.unregister(self.end)

    def add(self, rows: Iterable[Sequence[str | None]]) -> None:
        """Write some rows. Raises `ProblemError` (`output-failed`) where there is no room for them."""
        import polars as pl

        self.keep(pl.DataFrame(list(rows), schema=dict.fromkeys(self.columns, pl.String), orient="row"))

    def keep(self, chunk: pl.DataFrame) -> None:
        """Write a chunk with columns of any type. Raises `ProblemError` as `add` does."""
        import polars as pl

        path = self.folder / f"{len(self.files):06}.parquet"
        try:
            chunk.write_parquet(path, compression="lz4")
        except (OSError, pl.exceptions.ComputeError) as error:
            what = f"the temporary copy could not be written: {str(error).splitlines()[0]}"
            raise one_problem("output-failed", what, place=Place(self.name), hint="the variable TMPDIR names another folder for it") from None
        self.files.append(path)
        self.rows += len(chunk)


def as_text(value: Any) -> str | None:
    """A value as a person would write it: exact numbers without needless zeros, days as YYYY-MM-DD, bytes in hexadecimal."""
    match value:
        case None:
            return None
        case bool():
            return "true" if value else "false"
        case float() if isfinite(value):
            return plain(Decimal(repr(value)))
        case Decimal() if value.is_finite():
            return plain(value)
        case dt.datetime():
            midnight = value.tzinfo is None and value.time() == dt.time()
            return str(value.date()) if midnight else str(value)
        case bytes() | memoryview() | bytearray():
            return "0x" + bytes(value).hex()
        case _:
            return str(value)


def plain(number: Decimal) -> str:
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def extra(module: str, package: str, name: str) -> ModuleType:
    """An optional package. Raises `ProblemError` (`extra-missing`) that names the extra to install."""
    try:
        return import_module(module)
    except ImportError:
        raise one_problem("extra-missing", f"`{package}` is not installed", hint=f"pip install 'regengine[{name}]'") from None
