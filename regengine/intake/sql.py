"""A table or a query of a database, read in one pass through SQLAlchemy into temporary files, all values as text.

Guarantees: the database is only read, in one transaction that may not write; memory is bounded by a chunk of rows; the password
of the address stands in no problem, path or log; rows that were not all read give none. Does not guarantee an order of the
rows that the query does not ask for.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from ..problems import Place, ProblemError, nearest, one_problem
from .files import Source, counted
from .spool import CHUNK, Spool, as_text, extra

if TYPE_CHECKING:
    import sqlalchemy as sa

__all__ = ["is_address", "masked", "scan_sql"]

ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9]*)(\+[A-Za-z0-9_]+)?://")
KINDS = {"postgresql": "postgresql", "postgres": "postgresql", "sqlite": "sqlite"}
WAIT = 10  # seconds for a connection


def is_address(text: str) -> bool:
    """Whether a text is the address of a database (`postgresql://…`) and not the name of a file."""
    return ADDRESS.match(text) is not None


def masked(address: str) -> str:
    """An address as it may be shown: without the password, and without options, which may hold one."""
    scheme, _, rest = address.partition("://")
    user, at, host = rest.rpartition("@")
    if not at or scheme.lower().startswith("sqlite"):
        return f"{scheme}://" + re.sub(r":(?![0-9]{1,5}(/|$))[^/]*", ":***", rest.partition("?")[0])
    name, colon, _ = user.partition(":")
    return f"{scheme}://{name.partition('?')[0]}{':***' if colon else ''}@{host.partition('?')[0]}"


def scan_sql(address: str, *, table: str | None = None, query: str | None = None) -> Source:
    """The rows of a table, or of a query, of the database at `postgresql://…` or `sqlite:///path`.

    Raises `ProblemError`: `option-wrong` unless there is one of `table` and `query`, and for an address that cannot be used;
    `extra-missing`; `database-failed`; `file-missing` for a SQLite file; `file-empty` for no rows; `file-unreadable` for two
    columns of one name.
    """
    shown = masked(address)
    place = Place(shown)
    if (table is None) == (query is None):
        raise one_problem("option-wrong", "a database is read by one of a table and a query", place=place, hint="give `--table NAME` or `--query 'SELECT …'`")
    alchemy = extra("sqlalchemy", "sqlalchemy", "sql")
    engine = engine_of(address, shown, alchemy)
    try:
        with faults(address, shown, alchemy), engine.connect() as connection:
            if engine.dialect.name == "postgresql":
                connection.execution_options(postgresql_readonly=True)
            whole = "SELECT * FROM "  # the name of a table is one of the database's own, in quotes
            spool = take(connection, query.strip().rstrip(";") if query is not None else whole + known_table(connection, str(table), shown), shown)
    finally:
        engine.dispose()
    return spooled(spool, Path(shown))


def engine_of(address: str, shown: str, alchemy: Any) -> sa.Engine:
    kind = KINDS.get(address.partition("://")[0].partition("+")[0].lower())
    if kind is None:
        what = f"`{address.partition('://')[0]}` is not a kind of database that is read here"
        raise one_problem("option-wrong", what, place=Place(shown), hint="write postgresql://user@host/database or sqlite:///path")
    pool = alchemy.pool.NullPool
    if kind == "sqlite":
        path = Path(unquote(address.partition("://")[2].removeprefix("/").split("?")[0]))
        if not path.is_file():
            raise one_problem("file-missing", "there is no such file", place=Place(shown), hint="four slashes begin a path from the root: sqlite:////data/a.db")
        uri = f"file:{quote(str(path.resolve()))}?mode=ro"
        made: sa.Engine = alchemy.create_engine("sqlite://", creator=lambda: sqlite3.connect(uri, uri=True), poolclass=pool)
        return made
    extra("psycopg", "psycopg", "sql")
    try:
        if re.search("[@/?#]", address.partition("://")[2].rpartition("@")[0]):
            raise ValueError  # a part of the password would be taken for the host, and told
        url = alchemy.make_url(address).set(drivername="postgresql+psycopg")
        if "connect_timeout" not in url.query:
            url = url.update_query_dict({"connect_timeout": str(WAIT)})
        made = alchemy.create_engine(url, poolclass=pool)
    except (alchemy.exc.ArgumentError, ValueError):  # what they say may hold the whole address
        hint = "write postgresql://user:password@host:port/database; signs in a password are written %40"
        raise one_problem("option-wrong", "the address of the database cannot be read", place=Place(shown), hint=hint) from None
    return made


def known_table(connection: sa.Connection, name: str, shown: str) -> str:
    """The quoted name of a table or view, `schema.name` or `name`."""
    import sqlalchemy as sa

    inspector = sa.inspect(connection)
    schema, dot, bare = name.rpartition(".")
    for where, what in ((None, name), *([(schema, bare)] if dot else [])):
        names = [*inspector.get_table_names(where), *inspector.get_view_names(where)]
        if what in names:
            prepare = connection.dialect.identifier_preparer
            return (f"{prepare.quote_identifier(where)}." if where else "") + prepare.quote_identifier(what)
    raise one_problem("option-wrong", f"the database has no table `{name}`", place=Place(shown), hint=nearest(bare, names))


def take(connection: sa.Connection, sql: str, shown: str) -> Spool:
    """All rows of a query, chunk by chunk."""
    result = connection.execution_options(stream_results=True, max_row_buffer=CHUNK, no_parameters=True).exec_driver_sql(sql)
    if not result.returns_rows:
        raise one_problem("option-wrong", "the query gives no rows", place=Place(shown), hint="write a SELECT")
    with ExitStack() as undo:
        undo.callback(closed, result.cursor)  # SQLAlchemy does not close it when the connection is lost
        columns = list(result.keys())
        if twice := sorted({name for name in columns if columns.count(name) > 1}):
            raise one_problem("file-unreadable", f"two columns have the name `{twice[0]}`", place=Place(shown), hint="name the columns in `--query`")
        spool = Spool(columns, shown)
        undo.callback(spool.end)
        while rows := result.fetchmany(CHUNK):
            spool.add(texts(rows))
        undo.pop_all()
    return spool


def closed(cursor: Any) -> None:
    with suppress(Exception):  # of a connection that is lost already, and told of
        cursor.close()


def texts(rows: Sequence[Any]) -> Iterator[tuple[str | None, ...]]:
    for row in rows:
        yield tuple(value if value.__class__ is str else as_text(value) for value in row)


def spooled(spool: Spool, path: Path) -> Source:
    """A spool as a source, which keeps it."""
    import polars as pl

    if not spool.rows:
        raise one_problem("file-empty", "the table has no rows", place=Place(spool.name))
    source = counted(path, pl.scan_parquet(spool.files, glob=False), texts=True)
    if source.rows != spool.rows:
        raise one_problem("file-unreadable", f"{spool.rows:,} rows were read and {source.rows:,} are in the temporary copy", place=Place(spool.name))
    return Source(path, source.lazy, source.rows, texts=True, kept=spool, name=spool.name)


@contextmanager
def faults(address: str, shown: str, alchemy: Any) -> Iterator[None]:
    """Turn what the database and its driver raise into a `ProblemError` that does not tell the password."""
    try:
        yield
    except ProblemError:
        raise
    except (alchemy.exc.SQLAlchemyError, sqlite3.Error, UnicodeError) as error:
        cause = getattr(error, "orig", None) or error
        lines = [line.strip() for line in str(cause).splitlines() if line.strip()]
        said = without_secrets(lines[0] if lines else type(cause).__name__, address)
        hint = "nothing was written; run again when the database is there" if getattr(error, "connection_invalidated", False) else None
        raise one_problem("database-failed", f"the database could not be read: {said}", place=Place(shown), hint=hint) from None


def without_secrets(text: str, address: str) -> str:
    """A text without what stands as a password in the address, as it is written there and as it is meant."""
    user, at, _ = address.partition("://")[2].rpartition("@")
    given = [user.partition(":")[2]] if at else []
    given += re.findall(r"[?&][A-Za-z]*pass[A-Za-z]*=([^&]*)", address)
    for secret in sorted({form for one in given for form in (one, unquote(one)) if form}, key=len, reverse=True):
        text = text.replace(secret, "***")
    return text
