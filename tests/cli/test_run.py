"""`regengine run` and `regengine verify`: exit codes, what is printed, and that no figure is cut off on a narrow terminal."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from regengine.report.drawn import Drawn
from regengine.report.table import Column, Table
from regengine.rulebook.parts import Words

ROOT = Path(__file__).resolve().parent.parent.parent
QUICKSTART, HUD = ROOT / "scenarios" / "quickstart.yaml", ROOT / "scenarios" / "hud-housing.yaml"
Run = Callable[..., Any]


def test_quickstart(run: Run, tmp_path: Path) -> None:
    ran = run("run", QUICKSTART, "--out", tmp_path / "out")
    assert (ran.code, ran.err) == (0, "")
    assert "2,000 in = 1,997 graded + 3 rejected" in ran.out
    assert "not a credit rating of the enterprise" in ran.out
    assert "fact-missing  serious_dishonesty     3" in ran.out
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["graded.parquet", "record.json", "rejects.parquet", "report.json"]
    checked = run("verify", tmp_path / "out")
    assert (checked.code, checked.err) == (0, "")
    assert checked.out.splitlines()[-1] == "everything agrees"


def test_chinese(run: Run, tmp_path: Path) -> None:
    ran = run("run", QUICKSTART, "--out", tmp_path / "out", "--lang", "zh")
    assert ran.code == 0
    assert "读入 2,000 行 = 评级 1,997 行 + 剔除 3 行" in ran.out
    assert "仅作为配置监管资源的内部依据，不是对企业的信用评价。" in ran.out


def test_json_is_the_report_and_does_not_depend_on_the_language(run: Run, tmp_path: Path) -> None:
    ran = run("run", QUICKSTART, "--out", tmp_path / "out", "--format", "json", "--lang", "zh")
    data = json.loads(ran.out)
    assert data.pop("folder") == str(tmp_path / "out")
    assert len(data.pop("record")) == 64
    assert data == json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))
    assert [table["table"] for table in data["tables"]] == ["grade", "graded_by", "service_path", "warnings", "rejected"]


def test_outputs_go_to_a_folder_of_the_scenario(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("run", QUICKSTART).code == 0
    assert (tmp_path / "out" / "quickstart" / "record.json").is_file()


def test_a_changed_byte_ends_with_1_and_names_the_file(run: Run, tmp_path: Path) -> None:
    run("run", QUICKSTART, "--out", tmp_path / "out")
    path = tmp_path / "out" / "graded.parquet"
    data = bytearray(path.read_bytes())
    data[1000] ^= 1
    path.write_bytes(data)
    ran = run("verify", tmp_path / "out")
    assert ran.code == 1
    assert ran.err.startswith(f"{path}: the file has SHA-256 ")
    assert ran.err.endswith(" [record-differs]\n")
    assert ran.out.splitlines()[-1] == "1 difference"
    found = json.loads(run("verify", tmp_path / "out", "--format", "json").out)
    assert (found["agrees"], found["complete"]) == (False, True)
    assert [problem["place"]["file"] for problem in found["problems"]] == [str(path)]


def test_verify_says_what_it_could_not_check(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = QUICKSTART.read_text(encoding="utf-8").replace("scenario: quickstart", "scenario: elsewhere")
    (tmp_path / "elsewhere.yaml").write_text(text, encoding="utf-8")
    table = QUICKSTART.parent / "quickstart" / "enterprises.csv"
    run("run", tmp_path / "elsewhere.yaml", "--data", table, "--out", tmp_path / "out")
    monkeypatch.chdir(tmp_path)
    ran = run("verify", tmp_path / "out")
    assert ran.code == 0
    assert ran.out.splitlines()[-1] == "what was checked agrees; 3 of 5 checks could not be made"
    ran = run("verify", tmp_path / "out", "--scenario", tmp_path / "elsewhere.yaml", "--data", table)
    assert ran.out.splitlines()[-1] == "everything agrees"


def test_without_data(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGENGINE_DATA", str(tmp_path))
    ran = run("run", HUD, "--out", tmp_path / "out")
    assert (ran.code, ran.out) == (2, "")
    assert f"`{tmp_path}` (from REGENGINE_DATA) does not hold `hud_reac_inspections.parquet` [data-missing]" in ran.err
    assert "https://www.huduser.gov/portal/datasets/pis.html" in ran.err
    ran = run("run", HUD, "--out", tmp_path / "out", "--skip-without-data")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("hud-housing skipped: ")
    assert "[data-missing]" in ran.out
    ran = run("run", HUD, "--out", tmp_path / "out", "--skip-without-data", "--format", "json")
    assert json.loads(ran.out)["skipped"]["code"] == "data-missing"
    assert list(tmp_path.iterdir()) == []


def test_only_missing_data_is_skipped(run: Run, tmp_path: Path) -> None:
    (tmp_path / "wrong.yaml").write_text("scenario: wrong\n", encoding="utf-8")
    ran = run("run", tmp_path / "wrong.yaml", "--skip-without-data")
    assert (ran.code, ran.out) == (2, "")
    assert "[key-missing]" in ran.err
    assert run("run", tmp_path / "nowhere.yaml", "--skip-without-data").code == 2


def test_foreign_folder(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("x")
    ran = run("run", QUICKSTART, "--out", tmp_path)
    assert ran.code == 2
    assert "[output-exists]" in ran.err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize("width", [30, 50, 70, 90, 120])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_no_figure_is_cut_off(width: int, lang: str) -> None:
    def word(en: str, zh: str) -> Words:
        return Words(en=en, zh=zh)

    columns = [Column("group", word("Of", "范围")), Column("grade", word("Grade", "等级"), "name"), Column("label", word("Label", "名称"))]
    columns += [Column(f"n{number}", word("In the window", "窗口期 期满前"), "count") for number in range(5)]
    rows = [(word("Public housing", "公共住房"), "standard_1", word("a long label", "一个较长的名称"), 12_345, 678, 90, None, 1_234_567) for _ in range(3)]
    console = Console(file=StringIO(), width=width, highlight=False)
    console.print(Drawn(Table("t", word("T", "表"), tuple(columns), tuple(rows)), ["standard_1"], lang))
    assert isinstance(console.file, StringIO)
    printed = console.file.getvalue()
    digits = [sign for sign in printed if sign.isdigit()]
    assert len(digits) == 3 * (1 + 5 + 3 + 2 + 7)
    assert max(map(len, printed.splitlines())) <= width
