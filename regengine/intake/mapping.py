"""A mapping file: which column of a source holds which fact, and what its texts mean.

Guarantees: every fault of the file is told at once, with line and column; a text without a translation is passed on as it is
and so becomes a reject with its reason, never a guess; `as_it_came` gives rejected rows back with the columns and texts of the
source, so that they can be mended and read through the same mapping again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from ..problems import Problem, ProblemError, nearest
from ..rulebook.facts import FactSpec
from ..rulebook.form import read_model
from ..rulebook.located import Located, read_yaml
from ..rulebook.parts import Form, as_list, say, wrong
from .credit_code import credit_code_ok
from .files import Source
from .frame import REASON
from .one import Unfit, read_of
from .texts import value_of
from .translate import DayFormat, ambiguous, clean_expr, clean_text, day_expr, day_format, replace_expr, shift_expr, text_expr

if TYPE_CHECKING:
    import polars as pl

__all__ = ["KEY", "WRONG_CODE", "Mapping_", "apply", "as_it_came", "check_facts", "failed_keys", "read_mapping"]

KEY = "enterprise"
KEPT = "source."  # before the name of a column of the source whose own name a fact has taken
EMPTY, WRONG_CODE = "key-column: empty", "key-column: not a unified social credit code"


def as_column(value: Any) -> Any:
    return {"column": value} if isinstance(value, str) else value


def as_text(value: Any) -> Any:
    """What a text of the source stands for, as text; null for no value."""
    if isinstance(value, dict | list):
        raise wrong("value-wrong", f"`{say(value)}` is not one value", "write true, false, a number, a text, or null for no value")
    return None if value is None else say(value) if isinstance(value, bool) else str(value)


def as_format(value: Any) -> Any:
    if not isinstance(value, str):
        raise wrong("value-wrong", f"`{say(value)}` does not write a day", "such as `yyyymmdd` or `yyyy年m月d日`")
    try:
        return day_format(value)
    except ValueError as error:
        raise wrong("value-wrong", str(error), "such as `yyyymmdd` or `yyyy年m月d日`") from None


def as_places(value: Any) -> Any:
    """A power of ten as the places by which it moves the decimal point; others would not be exact in the fact's places."""
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        for places in range(-9, 10):
            if Decimal(value) == Decimal(1).scaleb(places):
                return places
    raise wrong("value-wrong", f"`{say(value)}` is not a power of ten", "such as 0.0001 for yuan to 10,000 yuan, or 100")


Text = Annotated[str, Field(min_length=1)]
Format = Annotated[DayFormat, BeforeValidator(as_format)]
Formats = Annotated[list[Format], BeforeValidator(as_list), Field(min_length=1)]


class Column(Form):
    """A column of the source and how its texts are turned: by a list, or as days, or as numbers in another unit."""

    column: Text
    values: dict[str, Annotated[str | None, BeforeValidator(as_text)]] = Field(default_factory=dict)
    format: Formats | None = None
    times: Annotated[int, BeforeValidator(as_places)] | None = None

    @model_validator(mode="after")
    def fit(self) -> Self:
        if self.format and self.times is not None:
            raise wrong("value-wrong", "`format` is for days and `times` for numbers", "give one of them")
        if self.format and (pair := ambiguous(self.format)):
            raise wrong("value-wrong", f"`{pair[0].text}` and `{pair[1].text}` read one text as two days", "keep the one that the source uses")
        return self


class Key(Form):
    """The column that names the enterprise, and what is made of keys that are not unified social credit codes."""

    column: Text
    check: Literal["credit_code"] | None = None
    wrong: Literal["report", "reject"] | None = None

    @model_validator(mode="after")
    def checked(self) -> Self:
        if self.wrong and not self.check:
            raise wrong("key-missing", "`wrong` says what becomes of keys that fail a check, and no `check` is asked for", "add `check: credit_code`")
        return self


class Document(Form):
    """A mapping file as written."""

    mapping: str = Field(pattern=r"^[a-z][a-z0-9-]{0,59}$")
    key: Annotated[Key, BeforeValidator(as_column)]
    columns: dict[Text, Annotated[Column, BeforeValidator(as_column)]] = Field(min_length=1)
    clean: Annotated[list[Literal["trim", "full_width"]], BeforeValidator(as_list)] = Field(default_factory=list)
    absent: Annotated[list[str], BeforeValidator(as_list)] = Field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Mapping_:
    """A mapping file without faults of form, and where each of its values stands."""

    shown: str
    document: Document
    root: Located

    def problem(self, path: tuple[str | int, ...], code: str, message: str, hint: str | None = None, *, key: bool = False) -> Problem:
        """A problem at the place of the value at `path`, or of its key."""
        return Problem(code, message, self.root.place(path, self.shown, key=key), hint)

    def values_of(self, name: str) -> dict[str, str | None]:
        """The translations of a fact, by the texts as they are after cleaning."""
        return {clean_text(text, self.document.clean): meant for text, meant in self.document.columns[name].values.items()}


def read_mapping(path: str | Path) -> Mapping_:
    """Read a mapping file. Raises `ProblemError` with every fault of its form, each with file, line and column."""
    shown = str(path)
    root = read_yaml(Path(path), shown)
    document, problems = read_model(Document, root, shown)
    if document is None or problems:
        raise ProblemError(problems)
    made = Mapping_(shown, document, root)
    found: list[Problem] = []
    for name, column in document.columns.items():
        seen: dict[str, str] = {}
        for text in column.values:
            first = seen.setdefault(clean_text(text, document.clean), text)
            if first != text:
                found.append(made.problem(("columns", name, "values", text), "key-duplicate", f"cleaned, `{text}` and `{first}` are one text", key=True))
        if name in document.absent:
            found.append(made.problem(("columns", name), "name-duplicate", f"`{name}` is mapped and said to be absent", key=True))
    if found:
        raise ProblemError(found)
    return made


def check_facts(mapping: Mapping_, facts: Iterable[FactSpec]) -> None:
    """Hold a mapping against the facts of a rulebook. Raises `ProblemError` for names that are no facts and values that they cannot have."""
    known = {fact.name: fact for fact in facts}
    found: list[Problem] = []
    for number, name in enumerate(mapping.document.absent):
        if name not in known:
            found.append(mapping.problem(("absent", number), "fact-unknown-name", f"`{name}` is not a fact of the rulebook", nearest(name, known)))
    for name, column in mapping.document.columns.items():
        path = ("columns", name)
        if name not in known:
            found.append(mapping.problem(path, "fact-unknown-name", f"`{name}` is not a fact of the rulebook", nearest(name, known), key=True))
            continue
        fact = known[name]
        if column.format and fact.type != "date":
            found.append(mapping.problem((*path, "format"), "value-wrong", f"`{name}` is not a date", "leave `format` out", key=True))
        if column.times is not None and fact.type not in ("integer", "decimal"):
            found.append(mapping.problem((*path, "times"), "value-wrong", f"`{name}` is not a number", "leave `times` out", key=True))
        for text, meant in column.values.items():
            if meant is None:
                continue
            try:
                read_of(fact)(value_of(meant, fact))
            except Unfit as unfit:
                found.append(mapping.problem((*path, "values", text), unfit.code, str(unfit), unfit.hint))
    if found:
        raise ProblemError(found)


def apply(mapping: Mapping_, source: Source, key: str = KEY, *, wrong_keys: bool = False) -> Source:
    """The source with a column for each mapped fact, and with its key under the name `key`, behind its own columns.

    A column of the source whose name a fact takes is kept as `source.NAME`. A key that fails its check where the mapping
    rejects those has become null, unless `wrong_keys` are wanted. Raises `ProblemError` with all columns that are missing,
    clash, or have no texts.
    """
    import polars as pl

    schema = source.lazy.collect_schema()
    document = mapping.document
    wanted: dict[str, tuple[tuple[str, ...], Column]] = {key: (("key", "column"), Column(column=document.key.column))}
    wanted |= {name: (("columns", name, "column"), column) for name, column in document.columns.items()}
    found: list[Problem] = []
    cleaned: list[pl.Expr] = []
    meant: list[pl.Expr] = []
    for name, (path, column) in wanted.items():
        dtype = schema.get(column.column)
        if dtype is None:
            message = f"the table has no column `{column.column}`"
            found.append(mapping.problem(path, "column-missing", message, nearest(column.column, schema.names())))
            continue
        if name in schema and column.column != name:
            message = f"the table has a column `{name}` itself"
            found.append(mapping.problem(path, "column-clash", message, "rename that column, or map it"))
        is_key = path[0] == "key"
        if as_typed(mapping, column, dtype, is_key=is_key):
            cleaned.append(pl.col(column.column).alias(name))
            continue
        text = text_expr(pl.col(column.column), dtype)
        if text is None:
            found.append(mapping.problem(path, "column-wrong-type", f"the column `{column.column}` holds {dtype} values, which have no text"))
            continue
        cleaned.append(clean_expr(text, document.clean).alias(name))
        meant += [] if is_key else meaning(mapping, name, column)
        if is_key and document.key.wrong == "reject" and not wrong_keys:
            meant.append(pl.when(credit_code_ok(pl.col(name))).then(pl.col(name)).alias(name))
    if key in document.columns:
        found.append(mapping.problem(("columns", key), "name-duplicate", f"`{key}` is the name of the key", key=True))
    if found:
        raise ProblemError(found)
    own = [pl.col(name).alias(KEPT + name) if name in wanted else pl.col(name) for name in schema.names()]
    return replace(source, lazy=source.lazy.select(*own, *cleaned).with_columns(*meant), texts=True)


def as_typed(mapping: Mapping_, column: Column, dtype: pl.DataType, *, is_key: bool) -> bool:
    """Whether a column is only renamed and keeps its type: one of numbers, truth values or days, of which nothing else is asked."""
    import polars as pl

    days = dtype == pl.Date or isinstance(dtype, pl.Datetime)
    checked = is_key and mapping.document.key.check is not None
    return dtype != pl.String and not checked and not column.values and column.times is None and (days or not column.format)


def meaning(mapping: Mapping_, name: str, column: Column) -> list[pl.Expr]:
    """What the cleaned texts of a mapped column mean; nothing where they are passed on."""
    import polars as pl

    text = pl.col(name)
    made = text
    if column.format:
        made = day_expr(text, column.format)
    if column.times is not None:
        made = shift_expr(text, column.times)
    if column.values:
        values = mapping.values_of(name)
        made = pl.when(text.is_in(list(values))).then(replace_expr(text, values)).otherwise(made)
    return [made.alias(name)] if made is not text else []


def as_it_came(mapping: Mapping_, rejects: pl.LazyFrame, key: str = KEY) -> pl.LazyFrame:
    """Rejected rows of a mapped table with the columns and texts of the source; a key that failed its check is told as such."""
    import polars as pl

    mapped = {key, *mapping.document.columns}
    names = [name for name in rejects.collect_schema().names() if name not in mapped]
    reason = pl.col(REASON)
    if mapping.document.key.wrong == "reject":
        own = mapping.document.key.column
        given = clean_expr(pl.col(KEPT + own if own in mapped else own).cast(pl.String), mapping.document.clean).is_not_null()
        reason = pl.when(given).then(reason.str.replace(f"(^|; ){re.escape(EMPTY)}", f"${{1}}{WRONG_CODE}")).otherwise(reason)
    kept = [pl.col(name).alias(name.removeprefix(KEPT) if name.removeprefix(KEPT) in mapped else name) for name in names if name != REASON]
    return rejects.select(*kept, reason.alias(REASON))


def failed_keys(mapped: pl.LazyFrame, key: str, most: int) -> tuple[int, list[str]]:
    """How many rows of a mapped table have a key that is no credit code, and the first `most` of these keys.

    `mapped` must have been made with `wrong_keys`. Rows without a key are not counted.
    """
    import polars as pl

    wrong_ones = mapped.filter(~credit_code_ok(pl.col(key))).select(pl.col(key).cast(pl.String))
    counted = wrong_ones.select(pl.len().alias("n"), pl.col(key).head(most).implode()).collect(engine="streaming")
    return int(counted["n"][0]), list(counted[key][0])
