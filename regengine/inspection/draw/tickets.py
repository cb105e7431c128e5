"""Tickets of a draw: `sha256(draw_id|seed|key)` of each enterprise, as lower-case hex, on whatever engine holds the table.

Polars and pandas take DuckDB's `sha256` where it is installed and the table is long enough to be worth it, and Python's `hashlib` otherwise; the
tickets are the same. On DuckDB and Spark the ticket is an expression of the query, and nothing is computed before somebody asks for its rows.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, Literal, TypeVar, cast

import narwhals as nw
import polars as pl

from ...problems import Place, Problem, ProblemError, nearest, one_problem

__all__ = [
    "CONTROL", "DUCKDB", "SPARK", "Dialect", "by_duckdb", "by_hashlib", "check_draw_id", "check_line", "check_seed", "engine_of", "prefix_of",
    "ticket_of", "tickets",
]  # fmt: skip

Native = TypeVar("Native")
CONTROL = r"[\p{Cc}\x{2028}\x{2029}\x{FEFF}]"  # control characters, line breaks, and the mark that readers of text files drop
UNPRINTED = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff]")  # the same for Python
FEW = 100_000  # keys below which starting DuckDB costs more than it saves


@dataclass(frozen=True, slots=True)
class Dialect:
    """What DuckDB and Spark write differently in SQL. User texts enter it only as hexadecimal."""

    quote: str
    encode: str
    sha256: str

    def column(self, name: str) -> str:
        """A column by its name, as text."""
        return f"CAST({self.quote}{name.replace(self.quote, 2 * self.quote)}{self.quote} AS STRING)"

    def encoded(self, text: str) -> str:
        """The UTF-8 of a text, which is compared and sorted by bytes whatever the collation of texts is."""
        return self.encode.format(text)

    def framed(self, key: str, stratum: str) -> list[str]:
        """The columns of a frame: `enterprise` and `stratum` as texts, with their bytes `k` and `s`."""
        key, stratum = self.column(key), self.column(stratum)
        return [f"{key} AS enterprise", f"{stratum} AS stratum", f"{self.encoded(key)} AS k", f"{self.encoded(stratum)} AS s"]

    def literal(self, data: bytes) -> str:
        return f"unhex('{data.hex()}')"

    def ticket(self, prefix: bytes, encoded: str) -> str:
        """The ticket of a key whose UTF-8 is `encoded`."""
        return self.sha256.format(f"{self.literal(prefix)} || {encoded}")


DUCKDB = Dialect('"', "encode({})", "sha256({})")
SPARK = Dialect("`", "encode({}, 'UTF-8')", "sha2({}, 256)")


def tickets(frame: Native, draw_id: str, seed: str, key: str = "enterprise") -> Native:
    """The table with a column `ticket`; the same kind of table, in the same order.

    `frame` is a pandas or Polars frame (a lazy one stays lazy), a DuckDB relation or a Spark DataFrame. Raises `ProblemError`: `option-wrong` for a
    draw id or a seed that cannot be used, `key-column`, `column-clash`, `draw-frame` where the key is neither text nor a whole number.
    """
    prefix = prefix_of(draw_id, seed)
    kind = engine_of(frame, [key])
    native: Any = frame
    if "ticket" in nw.from_native(native).collect_schema().names():
        raise one_problem("column-clash", "the table has a column `ticket` already", place=Place(field="ticket"), hint="rename it")
    made: Any
    match kind:
        case "polars":
            made = native.with_columns(tickets_of(pl.col(key).cast(pl.String), prefix).alias("ticket"))
        case "pandas":
            made = native.assign(ticket=hashed(texts_of(native, key), prefix).to_list())
        case "duckdb":
            made = native.project(f"*, {DUCKDB.ticket(prefix, DUCKDB.encoded(DUCKDB.column(key)))} AS ticket")
        case "spark":
            made = native.selectExpr("*", f"{SPARK.ticket(prefix, SPARK.encoded(SPARK.column(key)))} AS ticket")
    return cast(Native, made)


def ticket_of(draw_id: str, seed: str, key: str) -> str:
    """The ticket of one enterprise: what `printf '%s' 'ID|SEED|KEY' | sha256sum` prints."""
    return hashlib.sha256(prefix_of(draw_id, seed) + key.encode()).hexdigest()


def prefix_of(draw_id: str, seed: str) -> bytes:
    """What stands before the key in what a ticket is the hash of."""
    check_draw_id(draw_id)
    check_seed(seed)
    return f"{draw_id}|{seed}|".encode()


def tickets_of(keys: pl.Expr, prefix: bytes) -> pl.Expr:
    """The tickets of a column of texts in Polars."""
    return keys.map_batches(lambda series: hashed(series, prefix), return_dtype=pl.String, is_elementwise=True)


def hashed(keys: pl.Series, prefix: bytes) -> pl.Series:
    """The tickets of some keys, by the faster of the two ways."""
    way: Callable[[pl.Series, bytes], pl.Series]
    way = by_duckdb if len(keys) >= FEW and find_spec("duckdb") and find_spec("pyarrow") else by_hashlib
    return way(keys, prefix)


def by_duckdb(keys: pl.Series, prefix: bytes) -> pl.Series:
    """The tickets of some keys by DuckDB, on all cores."""
    import duckdb

    with duckdb.connect() as connection:
        relation = connection.from_arrow(keys.alias("key").to_frame().to_arrow())
        made: pl.DataFrame = relation.project(f"{DUCKDB.ticket(prefix, DUCKDB.encoded('key'))} AS ticket").pl()
    return made.to_series()


def by_hashlib(keys: pl.Series, prefix: bytes) -> pl.Series:
    """The tickets of some keys by Python's own SHA-256."""
    sha256 = hashlib.sha256
    return pl.Series("ticket", [None if key is None else sha256(prefix + key).hexdigest() for key in keys.cast(pl.Binary)], pl.String)


def engine_of(frame: object, columns: Sequence[str]) -> Literal["polars", "pandas", "duckdb", "spark"]:
    """What holds a table, when it has some columns of texts or of whole numbers. Raises `ProblemError` (`frame-unsupported`, `key-column`, `draw-frame`)."""
    hint = "give a pandas or Polars frame, a DuckDB relation or a PySpark DataFrame"
    try:
        table = nw.from_native(cast(Any, frame))
    except TypeError:
        kind = f"{type(frame).__module__}.{type(frame).__qualname__}"
        raise one_problem("frame-unsupported", f"`{kind}` is not a table that can be drawn from", hint=hint) from None
    schema = table.collect_schema()
    if missing := [name for name in columns if name not in schema]:
        raise ProblemError(Problem("key-column", f"there is no column `{name}`", Place(field=name), nearest(name, schema)) for name in missing)
    for name in columns:
        dtype = schema[name]
        if not (dtype.is_integer() or dtype == nw.String() or isinstance(dtype, nw.Categorical | nw.Enum)):
            message = f"the column holds {type(dtype).__name__.lower()} values"
            raise one_problem("draw-frame", message, place=Place(field=name), hint="keys and strata are texts or whole numbers")
    kind = table.implementation
    if kind.is_polars():
        return "polars"
    if kind.is_pandas():
        return "pandas"
    if kind.is_duckdb():
        return "duckdb"
    if kind.is_pyspark():
        return "spark"
    raise one_problem("frame-unsupported", f"tables of {kind} are not drawn from here", hint=hint)


def texts_of(frame: Any, column: str) -> pl.Series:
    """A column of a pandas frame as texts."""
    values = frame[column].astype(object).where(frame[column].notna(), None).tolist()
    return pl.Series(column, values, strict=False).cast(pl.String)


def check_draw_id(draw_id: str) -> None:
    """Raise `ProblemError` (`option-wrong`) for a draw id that is empty or could be taken for another's, or for the floor of another."""
    check_line("the draw id", draw_id, "draw_id")
    if "|" in draw_id or draw_id.endswith("/floor"):
        raise one_problem("option-wrong", f"the draw id `{draw_id}` holds `|` or ends with `/floor`", place=Place(field="draw_id"))


def check_seed(seed: str) -> None:
    """Raise `ProblemError` (`option-wrong`) for a seed that cannot be read aloud and typed again: an empty one, or one of several lines."""
    check_line("the seed", seed, "seed")


def check_line(what: str, text: str, field: str) -> None:
    """Raise `ProblemError` (`option-wrong`) for a text that is empty, has blanks around it, or is more than one plain line."""
    if not text.strip():
        raise one_problem("option-wrong", f"{what} is empty", place=Place(field=field))
    if UNPRINTED.search(text):
        raise one_problem("option-wrong", f"{what} holds a line break or a control character", place=Place(field=field), hint="write it as one line")
    if text != text.strip():
        raise one_problem("option-wrong", f"{what} begins or ends with a blank", place=Place(field=field), hint="nobody would see it in print")
