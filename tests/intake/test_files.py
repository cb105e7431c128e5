"""Tables on disk: what is read, what is refused and where, and outputs that stand whole or not at all."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from regengine.intake import csv_form as form
from regengine.intake.files import as_problems, read_row, scan_table, write_outputs
from regengine.problems import ProblemError


def problem(error: pytest.ExceptionInfo[ProblemError]) -> tuple[str, int | None]:
    [only] = error.value.problems
    return only.code, only.place.line


def rows(path: Path) -> list[tuple[object, ...]]:
    source = scan_table(path)
    found = source.lazy.collect(engine="streaming")
    assert source.rows == len(found)
    return found.rows()


# reading CSV


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"a,b\n1,2\n", [("1", "2")]),
        (b"a,b\n1,2", [("1", "2")]),
        (b"a,b\r\n1,2\r\n3,4\r\n", [("1", "2"), ("3", "4")]),
        (b"\xef\xbb\xbfa,b\n1,2\n", [("1", "2")]),
        (b'\xef\xbb\xbf"a",b\n1,2\n', [("1", "2")]),
        (b"a,b\n1,\n,2\n", [("1", None), (None, "2")]),
        (b'a,b\n"",2\n"",""\n', [(None, "2"), (None, None)]),
        (b"a,b\n 1 ,\t\n", [(" 1 ", "\t")]),
        (b'a,b\n"x,y","p\nq"\n"say ""no""",2\n', [("x,y", "p\nq"), ('say "no"', "2")]),
        ("a,b\n河南,中文\n".encode(), [("河南", "中文")]),
        ("a,b\n河南,中文\n".encode("gb18030"), [("河南", "中文")]),
        ("a,b\n1,2\n𠀀,㐀\n".encode("gb18030"), [("1", "2"), ("𠀀", "㐀")]),  # four bytes each
        (b"a\n1\n2\n", [("1",), ("2",)]),
        (b"\n\r\na,b\n\n1,2\n\r\n\n3,4\n\n", [("1", "2"), ("3", "4")]),
        (b"a\n\n1\n\n", [("1",)]),
        (b'"a\nb","c,d"\n1,2\n', [("1", "2")]),
        (b"a,\n1,2\n", [("1", "2")]),
    ],
)
def test_csv_is_read_as_texts(tmp_path: Path, data: bytes, expected: list[tuple[object, ...]]) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(data)
    assert rows(path) == expected
    assert scan_table(path).texts


@pytest.mark.parametrize(
    ("data", "code", "line"),
    [
        (b"", "file-empty", None),
        (b"\n\r\n\n", "file-empty", None),
        (b"\xef\xbb\xbf", "file-empty", None),
        (b"a,b\n", "file-empty", None),
        (b"a,b", "file-empty", None),
        (b"a,b\n\n\n", "file-empty", None),
        (b"a,b\n1,2\n3\n", "file-unreadable", 3),
        (b"a,b\n1,2\n\n3,4,5\n", "file-unreadable", 4),
        (b'a,b\n"1\n\n",2\n3,4,5\n', "file-unreadable", 5),
        (b"a,b\n1,2\n  \n3,4\n", "file-unreadable", 3),
        (b"a,a\n1,2\n", "file-unreadable", 1),
        (b"\n\na,,\n1,2,3\n", "file-unreadable", 3),
        (b'a,b\n1,2\n"3,4\n5,6\n', "file-unreadable", 3),
        (b'a,b\n1,2\n5" pipe,1\n6" pipe,2\n', "file-unreadable", 3),
        (b'a,b\n"x"y,1\n', "file-unreadable", 2),
        (b"a,b\n1,2\n3,4\x00\n", "file-unreadable", 3),
        (b"a,b\r1,2\r", "file-unreadable", 1),
        ("a,b\n1,2\n".encode("utf-16"), "file-unreadable", 1),
        (b"a" * 200_000 + b"\n1\n", "file-unreadable", 1),
        (b"a,b\nx,1\ncaf\xe9,2\n", "file-encoding", 3),
        ("a,b\n河南,1\n".encode("gb18030") + b"\xff,2\n", "file-encoding", 3),
        ("a,b\n河南省郑州市,1\n".encode() + "河南,2\n".encode("gb18030"), "file-encoding", 3),
        (b"\xef\xbb\xbfa,b\n" + "河南,2\n".encode("gb18030"), "file-encoding", 2),
    ],
)
def test_a_csv_that_cannot_be_trusted_is_refused_with_its_line(tmp_path: Path, data: bytes, code: str, line: int | None) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(data)
    with pytest.raises(ProblemError) as error:
        scan_table(path)
    assert problem(error) == (code, line)


@pytest.mark.parametrize("block", [1, 3, 7, 64])
def test_the_size_of_blocks_makes_no_difference(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    monkeypatch.setattr(form, "BLOCK", block)
    path = tmp_path / "t.csv"
    path.write_bytes('\r\n名,b\r\n\r\n"x\n""y""",2\r\n河南,\r\n\r\n5,6'.encode("gb18030"))
    assert rows(path) == [('x\n"y"', "2"), ("河南", None), ("5", "6")]
    path.write_bytes('\r\n名,b\r\n\r\n"x\n""y""",2\r\n河南,\r\n\r\n5,6,7'.encode("gb18030"))
    with pytest.raises(ProblemError) as error:
        scan_table(path)
    assert problem(error) == ("file-unreadable", 8)


def test_a_quote_left_open_is_noticed_before_the_end_of_a_large_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(form, "BLOCK", 100)
    monkeypatch.setattr(form, "LONGEST", 1000)
    path = tmp_path / "t.csv"
    path.write_bytes(b'a,b\n1,"2\n' + b"3,4\n" * 1000 + b'5,"6\n')
    with pytest.raises(ProblemError) as error:
        scan_table(path)
    assert problem(error) == ("file-unreadable", 2)


cells = st.text(st.sampled_from(list("ab1 ,\"\n\r'河南é𠀀")), max_size=5)


@settings(max_examples=200, deadline=None)
@given(
    table=st.integers(1, 4).flatmap(lambda width: st.lists(st.lists(cells, min_size=width, max_size=width), min_size=1, max_size=6)),
    end=st.sampled_from(["\n", "\r\n"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "gb18030"]),
    block=st.integers(1, 40),
)
def test_what_a_csv_writer_writes_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, table: list[list[str]], end: str, quoting: int, encoding: str, block: int
) -> None:
    made = io.StringIO(newline="")
    header = [f"c{number}" for number in range(len(table[0]))]
    csv.writer(made, lineterminator=end, quoting=quoting).writerows([header, *table])  # type: ignore[arg-type]  # the stubs want a literal
    data = made.getvalue().encode(encoding)
    assume(encoding != "gb18030" or not could_be_utf8(data))
    assume(end == "\r\n" or quoting == csv.QUOTE_ALL or b"\r" not in data)  # the writer leaves such a value without quotes
    path = tmp_path_factory.mktemp("csv") / "t.csv"
    path.write_bytes(data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(form, "BLOCK", block)
        assert rows(path) == [tuple(cell or None for cell in row) for row in table]


def could_be_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


# reading other kinds


def test_parquet_keeps_its_types(tmp_path: Path) -> None:
    path = tmp_path / "t.PARQUET"
    pl.DataFrame({"a": [1, None], "b": [True, False]}).write_parquet(path)
    assert rows(path) == [(1, True), (None, False)]
    assert not scan_table(path).texts


def test_a_folder_of_parquet_files_is_one_table(tmp_path: Path) -> None:
    pl.DataFrame({"a": [2]}).write_parquet(tmp_path / "2.parquet")
    pl.DataFrame({"a": [1]}).write_parquet(tmp_path / "1.parquet")
    (tmp_path / "_SUCCESS").touch()
    (tmp_path / ".2.parquet.crc").write_bytes(b"x")
    assert rows(tmp_path) == [(1,), (2,)]


def test_folders_that_name_a_value_give_its_column(tmp_path: Path) -> None:
    for year in (2025, 2026):
        (tmp_path / f"year={year}").mkdir()
        pl.DataFrame({"a": [year - 2000]}).write_parquet(tmp_path / f"year={year}" / "0.parquet")
    assert rows(tmp_path) == [(25, 2025), (26, 2026)]


def test_files_of_a_folder_that_differ_are_refused(tmp_path: Path) -> None:
    pl.DataFrame({"a": [1]}).write_parquet(tmp_path / "1.parquet")
    pl.DataFrame({"a": [1], "b": [2]}).write_parquet(tmp_path / "2.parquet")
    with pytest.raises(ProblemError) as error, as_problems(tmp_path):
        scan_table(tmp_path).lazy.collect(engine="streaming")
    assert problem(error) == ("file-unreadable", None)


def test_brackets_in_a_name_are_no_pattern(tmp_path: Path) -> None:
    (tmp_path / "t[1].csv").write_text("a\n1\n", encoding="utf-8")
    (tmp_path / "t1.csv").write_text("a\n2\n", encoding="utf-8")
    pl.DataFrame({"a": [3]}).write_parquet(tmp_path / "t[1].parquet")
    assert rows(tmp_path / "t[1].csv") == [("1",)]
    assert rows(tmp_path / "t[1].parquet") == [(3,)]


def test_json_lines_keep_numbers_and_texts(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    path.write_text('{"a": 1, "b": "2026-01-01", "c": null}\n\n{"b": null, "a": 2}\n', encoding="utf-8")
    assert rows(path) == [(1, "2026-01-01", None), (2, None, None)]
    assert scan_table(path).texts
    assert scan_table(path).lazy.collect_schema()["c"] == pl.String


@pytest.mark.parametrize(
    ("data", "code", "line"),
    [
        (b"", "file-empty", None),
        (b"\n\n", "file-empty", None),
        (b"{}\n", "file-empty", None),
        (b'{"a": 1}\n{"a":\n', "file-unreadable", 2),
        (b'{"a": 1}\n5\n', "file-unreadable", 2),
        (b'\xef\xbb\xbf{"a": 1}\n', "file-unreadable", 1),
        (b'{"a": 1}\n{"a": true}\n', "file-unreadable", None),
        ('{"a": "1"}\n{"a": "河南"}\n'.encode("gb18030"), "file-encoding", 2),
    ],
)
def test_json_lines_that_cannot_be_read_are_refused_with_the_line(tmp_path: Path, data: bytes, code: str, line: int | None) -> None:
    path = tmp_path / "t.jsonl"
    path.write_bytes(data)
    with pytest.raises(ProblemError) as error, as_problems(path):
        scan_table(path).lazy.collect(engine="streaming")
    assert problem(error) == (code, line)


@pytest.mark.parametrize("name", ["t.xls", "t.csv.gz", "t"])
def test_other_kinds_are_refused_with_the_kinds_there_are(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"a\n1\n")
    with pytest.raises(ProblemError) as error:
        scan_table(tmp_path / name)
    assert problem(error) == ("file-kind", None)
    assert error.value.problems[0].hint == "use .csv, .parquet or .jsonl"


def test_what_is_not_there_is_missing(tmp_path: Path) -> None:
    with pytest.raises(ProblemError) as error:
        scan_table(tmp_path / "no.csv")
    assert problem(error) == ("file-missing", None)
    with pytest.raises(ProblemError) as error:
        scan_table(tmp_path)
    assert problem(error) == ("file-kind", None)


@pytest.mark.parametrize("frame", [pl.DataFrame({"a": []}, schema={"a": pl.Int64}), pl.DataFrame()])
def test_parquet_without_rows_or_columns_is_empty(tmp_path: Path, frame: pl.DataFrame) -> None:
    frame.write_parquet(tmp_path / "t.parquet")
    with pytest.raises(ProblemError) as error:
        scan_table(tmp_path / "t.parquet")
    assert problem(error) == ("file-empty", None)


@pytest.fixture
def parquet(tmp_path: Path) -> Path:
    path = tmp_path / "t.parquet"
    pl.DataFrame({"a": range(1000)}).write_parquet(path)
    return path


@pytest.mark.parametrize("keep", [1, 3, 8, 100, -1])
def test_truncated_parquet_is_unreadable(parquet: Path, keep: int) -> None:
    parquet.write_bytes(parquet.read_bytes()[:keep])
    with pytest.raises(ProblemError) as error:
        scan_table(parquet)
    assert problem(error) == ("file-unreadable", None)


def test_a_damaged_page_is_a_problem_when_it_is_read(parquet: Path) -> None:
    data = parquet.read_bytes()
    parquet.write_bytes(data[:4] + b"\xff" * 60 + data[64:])
    source = scan_table(parquet)  # the end of the file, which is whole, has the columns and the number of rows
    assert source.rows == 1000
    with pytest.raises(ProblemError) as error, as_problems(parquet):
        source.lazy.collect(engine="streaming")
    assert problem(error) == ("file-unreadable", None)


def test_a_file_that_goes_away_is_missing(parquet: Path) -> None:
    source = scan_table(parquet)
    parquet.unlink()
    with pytest.raises(ProblemError) as error, as_problems(parquet):
        source.lazy.collect(engine="streaming")
    assert problem(error) == ("file-missing", None)


# one row


def test_the_row_of_one_enterprise(tmp_path: Path) -> None:
    texts, typed = tmp_path / "t.csv", tmp_path / "t.parquet"
    texts.write_text("id,n\nx,1\ny,\n", encoding="utf-8")
    pl.DataFrame({"id": [7, 8], "n": [1, None]}).write_parquet(typed)
    assert read_row(texts, "y", "id") == ({"id": "y", "n": None}, True)
    assert read_row(typed, "7", "id") == ({"id": 7, "n": 1}, False)


def test_no_row_or_two_are_problems(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("enterprise,n\nx,1\nx,2\n", encoding="utf-8")
    for args, code, hint in [
        (("x",), "key-column", None),
        (("y",), "option-wrong", None),
        (("x", "enterprize"), "key-column", "did you mean `enterprise`?"),
    ]:
        with pytest.raises(ProblemError) as error:
            read_row(path, *args)
        [only] = error.value.problems
        assert (only.code, only.hint) == (code, hint)


# writing

NUMBERS = pl.LazyFrame({"n": range(10)})


def test_every_kind_is_written_in_the_order_of_rows(tmp_path: Path) -> None:
    frame = pl.LazyFrame({"n": [3, 1, 2], "t": ["河南", None, 'a"b,\n']})
    paths = [tmp_path / "new" / "folder" / name for name in ("o.parquet", "o.csv", "o.jsonl")]
    assert write_outputs(dict.fromkeys(paths, frame)) == dict.fromkeys(paths, 3)
    assert sorted(path.name for path in paths[0].parent.iterdir()) == ["o.csv", "o.jsonl", "o.parquet"]
    assert rows(paths[0]) == [(3, "河南"), (1, None), (2, 'a"b,\n')]
    assert rows(paths[1]) == [("3", "河南"), ("1", None), ("2", 'a"b,\n')]
    assert [json.loads(line) for line in paths[2].read_text(encoding="utf-8").splitlines()] == [
        {"n": 3, "t": "河南"}, {"n": 1, "t": None}, {"n": 2, "t": 'a"b,\n'},
    ]  # fmt: skip


def test_an_output_without_rows_is_written_unless_it_is_not_wanted(tmp_path: Path) -> None:
    none = NUMBERS.filter(pl.col("n") > 100)
    names = ["o.parquet", "o.csv", "o.jsonl"]
    assert write_outputs({tmp_path / name: none for name in names}) == {tmp_path / name: 0 for name in names}
    assert (tmp_path / "o.csv").read_text(encoding="utf-8") == "n\n"
    assert write_outputs({tmp_path / name: none for name in names}, unless_empty={tmp_path / "o.csv", tmp_path / "o.jsonl"}) == {
        tmp_path / name: 0 for name in names
    }
    assert [path.name for path in tmp_path.iterdir()] == ["o.parquet"]


def test_when_one_output_fails_none_is_written_and_earlier_ones_stay(tmp_path: Path) -> None:
    (tmp_path / "good.csv").write_text("earlier", encoding="utf-8")
    broken = NUMBERS.with_columns(pl.lit("x").cast(pl.Int64))
    with pytest.raises(ProblemError) as error, as_problems(tmp_path / "in.csv"):
        write_outputs({tmp_path / "good.csv": NUMBERS, tmp_path / "bad.parquet": broken})
    assert problem(error) == ("file-unreadable", None)
    assert [(path.name, path.read_text(encoding="utf-8")) for path in tmp_path.iterdir()] == [("good.csv", "earlier")]


def test_rows_that_went_missing_stop_the_run(tmp_path: Path) -> None:
    with pytest.raises(ProblemError, match="11 rows came in and 10 would go out") as error:
        write_outputs({tmp_path / "o.csv": NUMBERS}, rows_in=11)
    assert problem(error) == ("output-failed", None)
    assert list(tmp_path.iterdir()) == []


def test_names_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "file").touch()
    for name, code in [("folder.csv", "output-exists"), ("file/o.csv", "output-failed"), ("o.txt", "file-kind")]:
        with pytest.raises(ProblemError) as error:
            write_outputs({tmp_path / "good.csv": NUMBERS, tmp_path / name: NUMBERS})
        assert problem(error) == (code, None)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder.csv"]


@pytest.mark.parametrize("ending", ["parquet", "csv", "jsonl"])
def test_a_full_disk_leaves_nothing_behind(tmp_path: Path, ending: str) -> None:
    script = f"""
import resource, sys
from pathlib import Path
import polars as pl
from regengine.intake.files import write_outputs
from regengine.problems import ProblemError
resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))
try:
    write_outputs({{Path(sys.argv[1]) / "o.{ending}": pl.LazyFrame({{"n": range(100_000)}}).with_columns(pl.col("n").hash())}})
except ProblemError as error:
    print(error)
"""
    pytest.importorskip("resource")
    ran = subprocess.run([sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, timeout=60, check=True)
    assert "could not be written: file too large [output-failed]" in ran.stdout
    assert list(tmp_path.iterdir()) == []
