"""The run record: equal runs, tampering, forgery, and folders that must not be replaced."""

from __future__ import annotations

import hashlib
import json
import platform
import shutil
from pathlib import Path
from typing import Any

import pytest

from regengine.problems import ProblemError
from regengine.rulebook.load import canonical_json
from regengine.run_record import output_folder, read_record
from regengine.scenario import Verification, read_scenario, run_scenario, verify

ROOT = Path(__file__).resolve().parent.parent
QUICKSTART = ROOT / "scenarios" / "quickstart.yaml"
SCENARIO = "scenario: few\ntitle: Few\nrulebook: us/hud-reac\nas_of: 2020-12-31\ndata: {file: few.csv}\n"
FILES = ["graded.parquet", "rejects.parquet", "report.json"]


@pytest.fixture
def few(tmp_path: Path) -> Path:
    """A scenario with a table of three rows."""
    (tmp_path / "few.csv").write_text("enterprise,inspection_score\na,95\nb,70\nc,12\n", encoding="utf-8")
    (tmp_path / "few.yaml").write_text(SCENARIO, encoding="utf-8")
    return tmp_path / "few.yaml"


@pytest.fixture
def out(few: Path) -> Path:
    """The outputs of that scenario."""
    return run_scenario(read_scenario(few), few.parent / "out").folder


def everything(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def ended(found: Verification) -> dict[str, str]:
    return {check.name: check.ended for check in found.checks}


def told(found: Verification) -> list[tuple[str, str]]:
    """The file that each difference is in, and what it is."""
    assert {problem.code for problem in found.problems} <= {"record-differs"}
    return [(Path(problem.place.file or "").name, problem.message) for problem in found.problems]


def rewrite(folder: Path, change: Any) -> None:
    """Forge the record: change it and write it as a run would."""
    data = json.loads((folder / "record.json").read_bytes())
    change(data)
    (folder / "record.json").write_bytes(canonical_json(data))


AGREES = dict.fromkeys(["outputs", "rulebook", "scenario", "inputs", "rerun"], "agrees")


def test_equal_runs_have_equal_bytes_wherever_they_run(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere" / "scenarios"
    shutil.copytree(QUICKSTART.parent, elsewhere)
    run_scenario(read_scenario(QUICKSTART), tmp_path / "one")
    run_scenario(read_scenario(elsewhere / "quickstart.yaml"), tmp_path / "deep" / "er" / "two")
    one = everything(tmp_path / "one")
    assert sorted(one) == ["graded.parquet", "record.json", "rejects.parquet", "report.json"]
    assert one == everything(tmp_path / "deep" / "er" / "two")
    assert verify(tmp_path / "one", QUICKSTART).checks
    found = verify(tmp_path / "one")
    assert (ended(found), found.problems, found.complete) == (AGREES, (), True)


def test_what_the_record_says(few: Path, out: Path) -> None:
    data = (out / "record.json").read_bytes()
    record = json.loads(data)
    assert data == canonical_json(record)
    assert record["scenario"] == {"id": "few", "sha256": hashlib.sha256(few.read_bytes()).hexdigest()}
    table = few.with_name("few.csv").read_bytes()
    assert record["inputs"] == [{"name": "few.csv", "bytes": len(table), "sha256": hashlib.sha256(table).hexdigest()}]
    assert [output["name"] for output in record["outputs"]] == FILES
    for output in record["outputs"]:
        written = (out / output["name"]).read_bytes()
        assert (output["bytes"], output["sha256"]) == (len(written), hashlib.sha256(written).hexdigest())
    assert record["rows"] == {"in": 3, "graded": 3, "rejected": 0}
    assert (record["law_at"], record["as_of"]) == ("2020-12-31", "2020-12-31")
    assert sorted(record["versions"]) == ["narwhals", "polars", "pydantic", "python", "regengine"]


def test_the_record_names_no_place_and_no_machine(few: Path, out: Path) -> None:
    for data in everything(out).values():
        assert str(few.parent).encode() not in data
    assert (platform.node() or "\0").encode() not in (out / "record.json").read_bytes()


# tampering


@pytest.mark.parametrize("name", FILES)
def test_one_changed_byte_is_found_and_named(few: Path, out: Path, name: str) -> None:
    data = bytearray((out / name).read_bytes())
    data[len(data) // 2] ^= 1
    (out / name).write_bytes(data)
    found = verify(out, few)
    ((file, message),) = told(found)
    assert file == name
    assert (
        message == f"the file has SHA-256 {hashlib.sha256(data).hexdigest()}, the record says {next(o.sha256 for o in found.record.outputs if o.name == name)}"
    )
    assert ended(found) == {**AGREES, "outputs": "differs"}


def test_missing_additional_and_shortened_files(few: Path, out: Path) -> None:
    (out / "rejects.parquet").unlink()
    (out / "notes.txt").write_text("x")
    short = (out / "report.json").read_bytes()[:-1]
    (out / "report.json").write_bytes(short)
    assert told(verify(out, few)) == [
        ("rejects.parquet", "the file is in the record and not in the folder"),
        ("report.json", f"the file has {len(short):,} bytes, the record says {len(short) + 1:,}"),
        ("notes.txt", "the file is in the folder and not in the record"),
    ]


def test_an_edited_record_is_found(few: Path, out: Path) -> None:
    data = (out / "record.json").read_bytes()
    (out / "record.json").write_bytes(data.replace(b'"record":1', b'"record": 1'))
    assert told(verify(out, few)) == [("record.json", "the record is not written as a run writes it")]


def test_a_forged_output_with_a_matching_record_is_found_by_running_again(few: Path, out: Path) -> None:
    forged = (out / "report.json").read_bytes().replace(b"0.333333", b"0.433333")
    (out / "report.json").write_bytes(forged)

    def forge(record: dict[str, Any]) -> None:
        record["outputs"][2]["sha256"] = hashlib.sha256(forged).hexdigest()
        record["versions"]["polars"] = "0.1"

    rewrite(out, forge)
    found = verify(out, few)
    assert ended(found) == {**AGREES, "rerun": "differs"}
    assert [problem.message for problem in found.problems] == ["`report.json` comes out otherwise when the scenario is run again"]
    assert (found.problems[0].hint or "").startswith("the run was made with polars 0.1, here ")


@pytest.mark.parametrize(
    ("change", "check", "message"),
    [
        (lambda r: r["rows"].update({"in": 4, "rejected": 1}), "rerun", "`rows` in the record is not what the scenario gives when it is run again"),
        (lambda r: r["rulebook"].update(digest="0" * 64), "rulebook", "the law of `us/hud-reac` on 2020-12-31 has digest"),
        (lambda r: r.update(as_of="2020-12-30"), "rerun", "`as_of` in the record is not what the scenario gives when it is run again"),
        (lambda r: r["inputs"][0].update(sha256="0" * 64), "inputs", "the data is not that of the record, by its SHA-256"),
        (lambda r: r["scenario"].update(sha256="0" * 64), "scenario", "the scenario file has SHA-256"),
    ],
)
def test_a_forged_record_is_found(few: Path, out: Path, change: Any, check: str, message: str) -> None:
    rewrite(out, change)
    found = verify(out, few)
    assert found.problems[0].message.startswith(message)
    assert ended(found)[check] == "differs"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda r: r["rows"].update(graded=4), "this is not a run record: `rows` is not as it should be"),
        (lambda r: r["outputs"][0].update(name="../few.csv"), "this is not a run record: `outputs.0.name` is not as it should be"),
        (lambda r: r.update(record=2), "this is not a run record: `record` is not as it should be"),
        (lambda r: r.update(more=1), "this is not a run record: `more` is not as it should be"),
    ],
)
def test_what_is_not_a_record_is_refused(few: Path, out: Path, change: Any, message: str) -> None:
    rewrite(out, change)
    with pytest.raises(ProblemError) as caught:
        verify(out, few)
    assert [(problem.code, problem.message) for problem in caught.value.problems] == [("file-unreadable", message)]


def test_no_record(tmp_path: Path) -> None:
    with pytest.raises(ProblemError) as caught:
        read_record(tmp_path)
    assert [problem.code for problem in caught.value.problems] == ["file-missing"]


# silence is not verification


def test_checks_that_could_not_be_made_are_named(few: Path, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(few.parent)
    found = verify(out)
    assert ended(found) == {"outputs": "agrees", "rulebook": "agrees", "scenario": "not made", "inputs": "not made", "rerun": "not made"}
    assert (found.problems, found.complete) == ((), False)
    few.with_name("few.csv").unlink()
    assert ended(verify(out, few)) == {"outputs": "agrees", "rulebook": "agrees", "scenario": "agrees", "inputs": "not made", "rerun": "not made"}


def test_the_scenario_is_found_in_its_usual_place(few: Path, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (few.parent / "scenarios").mkdir()
    few.rename(few.parent / "scenarios" / "few.yaml")
    few.with_name("few.csv").rename(few.parent / "scenarios" / "few.csv")
    monkeypatch.chdir(few.parent)
    assert ended(verify(out)) == AGREES


def test_a_scenario_or_data_changed_since_is_told_and_not_run(few: Path, out: Path) -> None:
    few.with_name("few.csv").write_text("enterprise,inspection_score\na,1\n", encoding="utf-8")
    assert ended(verify(out, few)) == {**AGREES, "inputs": "differs", "rerun": "not made"}
    few.write_text(SCENARIO.replace("title: Few", "title: Fewer"), encoding="utf-8")
    assert ended(verify(out, few)) == {**AGREES, "scenario": "differs", "inputs": "not made", "rerun": "not made"}


def test_data_that_is_named_must_be_there(few: Path, out: Path) -> None:
    with pytest.raises(ProblemError, match="data-missing"):
        verify(out, few, few.parent / "nowhere")


# the folder


def test_an_earlier_run_is_replaced(few: Path, out: Path) -> None:
    before = everything(out)
    few.write_text(SCENARIO.replace("title: Few", "title: Fewer"), encoding="utf-8")
    run_scenario(read_scenario(few), out)
    after = everything(out)
    assert after["report.json"] != before["report.json"]
    assert after["graded.parquet"] == before["graded.parquet"]
    assert sorted(path.name for path in few.parent.iterdir()) == ["few.csv", "few.yaml", "out"]


def test_a_failed_run_leaves_what_was_there(few: Path, out: Path) -> None:
    before = everything(out)
    few.with_name("few.csv").write_text("enterprise,inspection_score\na,1000\n", encoding="utf-8")
    with pytest.raises(ProblemError, match="rows-rejected"):
        run_scenario(read_scenario(few), out)
    assert everything(out) == before
    assert sorted(path.name for path in few.parent.iterdir()) == ["few.csv", "few.yaml", "out"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("notes.txt", "the folder is not empty and no earlier run wrote it"),
        ("record.json", "the folder is not empty and its record cannot be read"),
    ],
)
def test_a_folder_of_someone_else_is_not_replaced(few: Path, name: str, message: str) -> None:
    folder = few.parent / "mine"
    folder.mkdir()
    (folder / name).write_text("{}")
    with pytest.raises(ProblemError) as caught:
        run_scenario(read_scenario(few), folder)
    assert (caught.value.problems[0].code, caught.value.problems[0].message) == ("output-exists", message)
    assert everything(folder) == {name: b"{}"}


def test_a_file_laid_beside_the_outputs_is_not_lost(few: Path, out: Path) -> None:
    (out / "notes.txt").write_text("x")
    with pytest.raises(ProblemError, match=r"the folder holds `notes\.txt`, which no earlier run wrote"):
        run_scenario(read_scenario(few), out)
    assert (out / "notes.txt").read_text() == "x"


def test_a_file_or_a_link_is_not_replaced(few: Path, out: Path) -> None:
    link = few.parent / "link"
    link.symlink_to(out, target_is_directory=True)
    for path in (few, link):
        with pytest.raises(ProblemError, match="output-exists"), output_folder(path):
            pass
    assert link.is_symlink()


def test_a_folder_that_cannot_be_made(few: Path) -> None:
    with pytest.raises(ProblemError, match="output-failed"), output_folder(few / "out"):
        pass


def test_an_empty_folder_is_used(few: Path) -> None:
    (few.parent / "empty").mkdir()
    run_scenario(read_scenario(few), few.parent / "empty")
    assert read_record(few.parent / "empty").rows.graded == 3


def test_a_file_that_appears_meanwhile_is_not_lost(tmp_path: Path) -> None:
    out = tmp_path / "out"

    def meanwhile() -> None:
        with output_folder(out):
            out.mkdir()
            (out / "mine.txt").write_text("mine")

    with pytest.raises(ProblemError, match="output-exists"):
        meanwhile()
    assert everything(out) == {"mine.txt": b"mine"}
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
