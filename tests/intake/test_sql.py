"""Databases as sources: a real PostgreSQL that the tests start, and SQLite files; what goes wrong never tells the password."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from regengine.intake import spool as spooling
from regengine.intake import sql
from regengine.intake.spool import as_text
from regengine.intake.sql import is_address, masked, scan_sql
from regengine.problems import Problem, ProblemError

pytest.importorskip("sqlalchemy", reason="SQLAlchemy is not installed")
psycopg = pytest.importorskip("psycopg", reason="psycopg is not installed")

PASSWORD = "s3cr3t@/ word"  # signs that an address must write as %40, %2F and %20
WRITTEN = "s3cr3t%40%2F%20word"
Run = Callable[..., Any]


def binaries() -> Path | None:
    """The folder of PostgreSQL's server programs."""
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in folders if (folder / "postgres").exists() and (folder / "initdb").exists()), None)


@dataclass(frozen=True)
class Server:
    """A PostgreSQL of the tests' own on the loopback interface."""

    folder: Path
    bin: Path
    port: int

    @property
    def address(self) -> str:
        return f"postgresql://clerk:{WRITTEN}@127.0.0.1:{self.port}/postgres"

    def do(self, program: str, *args: str) -> None:
        """Run one of the server's programs, as another user where this one is root, whom PostgreSQL refuses."""
        call = [str(self.bin / program), *args]
        log = (self.folder / "log").open("ab")
        with log:
            who: dict[str, Any] = {"user": "nobody", "extra_groups": []} if os.geteuid() == 0 else {}
            subprocess.run(call, check=True, stdout=log, stderr=log, cwd=self.folder, timeout=60, env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}, **who)

    def start(self) -> None:
        options = f"-h 127.0.0.1 -p {self.port} -k {self.folder} -c fsync=off"
        self.do("pg_ctl", "-D", str(self.folder / "data"), "-w", "-o", options, "-l", str(self.folder / "server.log"), "start")

    def stop(self) -> None:
        self.do("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "stop")

    def execute(self, *statements: str) -> None:
        with psycopg.connect(host="127.0.0.1", port=self.port, user="clerk", password=PASSWORD, dbname="postgres", autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A PostgreSQL that runs while the tests do. Without its programs the test is skipped, and fails in CI."""
    found = binaries()
    if found is None:
        if os.environ.get("CI"):
            pytest.fail("PostgreSQL's server programs (initdb, postgres) are not installed")
        pytest.skip("PostgreSQL's server programs (initdb, postgres) are not installed")
    folder = Path(tempfile.mkdtemp(prefix="regengine-postgres-"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        made = Server(folder, found, free.getsockname()[1])
    try:
        (folder / "password").write_text(PASSWORD, encoding="utf-8")
        if os.geteuid() == 0:
            shutil.chown(folder, "nobody")
            shutil.chown(folder / "password", "nobody")
        files = ("--pwfile", str(folder / "password"), "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
        made.do("initdb", "-D", str(folder / "data"), "-U", "clerk", *files)
        made.start()
        made.execute(
            "CREATE SCHEMA 登记",
            'CREATE TABLE 登记."行政 处罚" (enterprise text, 罚款 numeric(15,4), "on" boolean, 处罚决定日期 date, at timestamp, f float8, n bigint, b bytea)',
            """INSERT INTO 登记."行政 处罚" VALUES ('x', 12.5000, true, '2026-01-31', '2026-01-31 00:00', 0.1, 9007199254740993, 'a'),
               ('河南 ', 1e10, false, null, '2026-01-31 10:30', 1e22, null, null)""",
            "CREATE TABLE many AS SELECT n, n % 100 AS inspection_score, 'e' || n AS enterprise FROM generate_series(1, 2500) n",
            "CREATE VIEW seen AS SELECT * FROM many WHERE n < 3",
            "CREATE TABLE nothing (a int)",
        )
        yield made
    finally:
        if (folder / "data" / "postmaster.pid").exists():
            made.stop()
        shutil.rmtree(folder)


@pytest.fixture
def sqlite(tmp_path: Path) -> str:
    path = tmp_path / "a b%20?#.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE t (enterprise TEXT, inspection_score INTEGER, share REAL, paid NUMERIC, raw BLOB)")
        connection.execute("INSERT INTO t VALUES ('x', 90, 0.5, 3, x'00ff'), ('00123', 59, NULL, 2.25, NULL)")
    connection.close()
    return f"sqlite:///{str(path).replace('%', '%25').replace('?', '%3F')}"


def problem(call: Callable[[], object]) -> Problem:
    with pytest.raises(ProblemError) as error:
        call()
    [only] = error.value.problems
    assert PASSWORD not in str(error.value) and WRITTEN not in str(error.value) and "s3cr3t" not in str(error.value)
    return only


def rows(address: str, **what: str) -> list[tuple[object, ...]]:
    source = scan_sql(address, **what)
    found = source.lazy.collect(engine="streaming").rows()
    assert source.rows == len(found)
    assert set(source.lazy.collect_schema().dtypes()) == {pl.String}
    return found


# PostgreSQL


def test_a_table_with_a_chinese_name_and_all_its_types(server: Server) -> None:
    assert rows(server.address, table="登记.行政 处罚") == [
        ("x", "12.5", "true", "2026-01-31", "2026-01-31", "0.1", "9007199254740993", "0x61"),
        ("河南 ", "10000000000", "false", None, "2026-01-31 10:30:00", "10000000000000000000000", None, None),
    ]


def test_a_view_and_a_query_with_signs_that_mean_something_to_drivers(server: Server) -> None:
    assert rows(server.address, table="seen") == [("1", "1", "e1"), ("2", "2", "e2")]
    assert rows(server.address, query="SELECT n::text || '%s :x %' AS a FROM many WHERE n % 2 = 1 ORDER BY many.n LIMIT 2;\n") == [("1%s :x %",), ("3%s :x %",)]


def test_many_rows_come_in_chunks(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sql, "CHUNK", 1000)
    source = scan_sql(server.address, query="SELECT n FROM many ORDER BY n")
    assert isinstance(source.kept, spooling.Spool)
    assert [path.name for path in source.kept.files] == ["000000.parquet", "000001.parquet", "000002.parquet"]
    assert source.lazy.collect()["n"].to_list() == [str(n) for n in range(1, 2501)]


def test_a_command_cannot_write_through_a_query(server: Server) -> None:
    told = problem(lambda: scan_sql(server.address, query="DELETE FROM many RETURNING n"))
    assert told.code == "database-failed"
    assert rows(server.address, query="SELECT count(*) AS c FROM many") == [("2500",)]


@pytest.mark.parametrize(
    ("what", "code", "message"),
    [
        ({}, "option-wrong", "a database is read by one of a table and a query"),
        ({"table": "a", "query": "b"}, "option-wrong", "a database is read by one of a table and a query"),
        ({"table": "mony"}, "option-wrong", "the database has no table `mony`"),
        ({"table": "many; DROP TABLE many"}, "option-wrong", "the database has no table `many; DROP TABLE many`"),
        ({"table": "nothing"}, "file-empty", "the table has no rows"),
        ({"query": "SELECT 1 AS a, 2 AS a"}, "file-unreadable", "two columns have the name `a`"),
        ({"query": "SELECT FROM WHERE"}, "database-failed", 'the database could not be read: syntax error at or near "WHERE"'),
        ({"query": "SELECT 1 / (n - 2000) FROM many"}, "database-failed", "the database could not be read: division by zero"),
    ],
)
def test_what_cannot_be_read_is_told(server: Server, what: dict[str, str], code: str, message: str) -> None:
    told = problem(lambda: scan_sql(server.address, **what))
    assert (told.code, told.message) == (code, message)
    assert told.place.file == f"postgresql://clerk:***@127.0.0.1:{server.port}/postgres"
    if what.get("table") == "mony":
        assert told.hint == "did you mean `many`?"


def test_a_wrong_password_and_a_wrong_address_do_not_tell_the_password(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(0)
    wrong = server.address.replace("clerk", "clark")
    assert problem(lambda: scan_sql(wrong, table="many")).code == "database-failed"
    for address in (f"postgresql://u:{PASSWORD}@127.0.0.1:port/x", f"postgresql://u:{WRITTEN}@127.0.0.1:1/x", f"postgresql://127.0.0.1:1/x?password={WRITTEN}",
                    f"mysql://u:{WRITTEN}@h/x", f"postgresql://u:{WRITTEN}@127.0.0.1:1/x?no_option={WRITTEN}", f"postgresql://clerk:{WRITTEN}"):  # fmt: skip
        assert problem(lambda address=address: scan_sql(address, table="t")).code in ("database-failed", "option-wrong")  # type: ignore[misc]  # the default is bound now
    assert "s3cr3t" not in caplog.text


def test_a_connection_that_is_ended_in_the_middle_leaves_nothing(server: Server, monkeypatch: pytest.MonkeyPatch, run: Run, tmp_path: Path) -> None:
    monkeypatch.setattr(sql, "CHUNK", 100)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    query = "SELECT enterprise, CASE WHEN n = 2000 THEN pg_terminate_backend(pg_backend_pid())::int ELSE inspection_score END AS inspection_score FROM many"
    told = problem(lambda: scan_sql(server.address, query=query))
    assert told.code == "database-failed"
    assert told.hint == "nothing was written; run again when the database is there"
    ran = run("grade", "us/hud-reac", server.address, "--query", query, "--as-of", "2026-11-01", "--out", tmp_path / "o.csv", "--quality", tmp_path / "q.json")
    assert (ran.code, ran.out) == (2, "")
    assert "[database-failed]" in ran.err and "s3cr3t" not in ran.err
    assert list(tmp_path.iterdir()) == []


def test_a_table_of_postgresql_is_graded(server: Server, run: Run, tmp_path: Path) -> None:
    args = ("grade", "us/hud-reac", server.address, "--as-of", "2026-11-01", "--out", tmp_path / "o.parquet", "--quality", tmp_path / "q.json")
    ran = run(*args, "--query", "SELECT enterprise, inspection_score FROM many ORDER BY n")
    assert (ran.code, ran.err) == (0, "")
    assert "2,500 rows in = 2,500 graded + 0 rejected" in ran.out
    graded = pl.read_parquet(tmp_path / "o.parquet")
    assert graded["enterprise"].to_list() == [f"e{n}" for n in range(1, 2501)]
    assert dict(graded["grade"].value_counts().rows()) == {"failing": 1500, "standard_3": 500, "standard_2": 250, "standard_1": 250}
    assert "s3cr3t" not in (tmp_path / "q.json").read_text(encoding="utf-8") + ran.out


def test_a_server_that_is_stopped_in_the_middle(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sql, "CHUNK", 10)
    taken = threading.Event()
    add = spooling.Spool.add

    def stop_after_the_first(self: spooling.Spool, chunk: Any) -> None:
        add(self, chunk)
        if not taken.is_set():
            taken.set()
            server.stop()

    monkeypatch.setattr(spooling.Spool, "add", stop_after_the_first)
    try:
        told = problem(lambda: scan_sql(server.address, query="SELECT n, pg_sleep(0.0001) IS NULL AS s FROM generate_series(1, 100000) n"))
        assert told.code == "database-failed"
        assert problem(lambda: scan_sql(server.address, table="many")).code == "database-failed"
    finally:
        server.start()
    assert len(rows(server.address, table="many")) == 2500


# SQLite


def test_sqlite_files(sqlite: str) -> None:
    assert rows(sqlite, table="t") == [("x", "90", "0.5", "3", "0x00ff"), ("00123", "59", None, "2.25", None)]
    assert rows(sqlite, query="SELECT enterprise AS ':k' FROM t WHERE share IS NULL;") == [("00123",)]


def test_a_sqlite_file_is_neither_made_nor_written(sqlite: str, tmp_path: Path) -> None:
    assert problem(lambda: scan_sql(f"sqlite:///{tmp_path}/no.db", table="t")).code == "file-missing"
    assert not (tmp_path / "no.db").exists()
    assert problem(lambda: scan_sql(sqlite, query="DELETE FROM t")).code == "database-failed"
    (tmp_path / "text.db").write_text("no database, but long enough to be taken for one" * 50, encoding="utf-8")
    assert problem(lambda: scan_sql(f"sqlite:///{tmp_path}/text.db", query="SELECT 1 FROM t")).code == "database-failed"
    assert len(rows(sqlite, table="t")) == 2


# addresses and values


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("postgresql://u:p@h:5432/d", "postgresql://u:***@h:5432/d"),
        ("postgresql://u@h/d?password=p", "postgresql://u@h/d"),
        ("postgresql://u:p@q@h/d?a=b", "postgresql://u:***@h/d"),
        ("postgresql://u:p?/q@h/d", "postgresql://u:***@h/d"),
        ("postgresql+psycopg://u:p@h/d", "postgresql+psycopg://u:***@h/d"),
        ("postgresql://u:p", "postgresql://u:***"),
        ("postgresql://h:5432/d", "postgresql://h:5432/d"),
        ("sqlite:////a/b@c.db?x", "sqlite:////a/b@c.db"),
    ],
)
def test_an_address_is_shown_without_its_password(address: str, shown: str) -> None:
    assert masked(address) == shown
    assert is_address(address)


@given(st.text(max_size=5), st.text(max_size=5))
@example("a@", "")
@example("", "@b?")
@settings(deadline=None)
def test_no_part_of_a_password_is_told_whatever_its_signs(before: str, after: str) -> None:
    address = f"postgresql://u:{before}S3CR3T{after}@127.0.0.1:1/d"
    assert "S3CR3T" not in masked(address)
    with pytest.raises(ProblemError) as error:
        scan_sql(address, table="t")
    assert "S3CR3T" not in str(error.value)


def test_names_of_files_are_no_addresses() -> None:
    assert not any(map(is_address, ["a.csv", "/a/b.csv", "C:/a.csv", "C:\\a.csv", "a:b", "out/2026:/x.csv", "://x"]))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, None), (True, "true"), (0, "0"), (10**20, "1" + "0" * 20), (0.1, "0.1"), (1e-7, "0.0000001"), (1e16, "1" + "0" * 16), (-2.0, "-2"),
        (float("nan"), "nan"), (Decimal("1.50"), "1.5"), (Decimal("100"), "100"), (Decimal("1E+3"), "1000"), (Decimal("NaN"), "NaN"), ("00123 ", "00123 "),
        (dt.date(2026, 1, 2), "2026-01-02"), (dt.datetime(2026, 1, 2), "2026-01-02"), (dt.datetime(2026, 1, 2, 3), "2026-01-02 03:00:00"),
        (dt.datetime(2026, 1, 2, tzinfo=dt.UTC), "2026-01-02 00:00:00+00:00"), (dt.time(1, 2), "01:02:00"), (b"\x00", "0x00"),
    ],
)  # fmt: skip
def test_values_as_text(value: object, text: str | None) -> None:
    assert as_text(value) == text


def test_a_missing_package_names_its_extra(monkeypatch: pytest.MonkeyPatch, server: Server) -> None:
    for module, address in (("sqlalchemy", "sqlite:///x.db"), ("psycopg", server.address)):
        with monkeypatch.context() as patch:
            patch.setitem(sys.modules, module, None)
            told = problem(lambda address=address: scan_sql(address, table="t"))  # type: ignore[misc]  # the default is bound now
            assert (told.code, told.hint) == ("extra-missing", "pip install 'regengine[sql]'")


def test_a_temporary_copy_that_finds_no_room_is_told_and_taken_away(sqlite: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))

    def full(*args: object, **kwargs: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pl.DataFrame, "write_parquet", full)
    told = problem(lambda: scan_sql(sqlite, table="t"))
    assert told.code == "output-failed"
    assert "No space left on device" in told.message
    assert list((tmp_path / "temporary").iterdir()) == []


def test_the_temporary_copy_goes_with_its_source(sqlite: str) -> None:
    source = scan_sql(sqlite, table="t")
    assert isinstance(source.kept, spooling.Spool)
    folder = source.kept.folder
    assert folder.exists()
    source.kept.end()
    assert not folder.exists()
