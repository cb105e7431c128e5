"""The page on intake says what is true: its mapping reads its table as it says, and its table of keys is that of the format."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import regengine as rg
from regengine.intake.files import scan_table
from regengine.intake.mapping import Column, Document, Key, apply, as_it_came, check_facts, failed_keys, read_mapping

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "intake.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


def test_the_mapping_of_the_page_reads_its_table(tmp_path: Path) -> None:
    [mapping], [source, facts] = blocks("yaml"), blocks("csv")
    (tmp_path / "m.yaml").write_text(mapping, encoding="utf-8")
    (tmp_path / "t.csv").write_text(source, encoding="utf-8")
    book, made = rg.load("cn/henan-2022"), read_mapping(tmp_path / "m.yaml")
    check_facts(made, book.facts.values())
    mapped = apply(made, scan_table(tmp_path / "t.csv"))
    header, *lines = csv.reader(facts.splitlines())
    assert mapped.lazy.select(header).collect().rows() == [tuple(value or None for value in line) for line in lines]
    absent = [fact.name for fact in book.facts.values() if fact.name not in header]
    assert set(made.document.absent) <= set(absent)
    split = book.split_frame(mapped.lazy, as_of="2026-11-01", absent=absent, texts=True)
    assert split.graded.collect()["enterprise"].to_list() == ["91410100MA0000000T", "A1000000000000000J"]
    [rejected] = as_it_came(made, split.rejects).collect().rows(named=True)
    assert set(rejected.pop("rejected_for").split("; ")) == {f"fact-wrong-type: {name}" for name in ("abnormal_listed", "opened", "fines_24m")}
    assert list(rejected.values()) == source.splitlines()[-1].split(",")
    assert failed_keys(apply(made, scan_table(tmp_path / "t.csv"), wrong_keys=True).lazy, "enterprise", 5) == (1, ["91410100MA0000000R"])


def test_every_key_of_the_format_is_on_the_page() -> None:
    told = set(re.findall(r"^\| `([a-z.]+)` \|", PAGE, re.MULTILINE))
    keys = {"mapping", "key", "columns", "clean", "absent", "key.check", "key.wrong", "values", "format", "times"}
    assert told == keys
    assert keys == set(Document.model_fields) | {f"key.{name}" for name in set(Key.model_fields) - {"column"}} | set(Column.model_fields) - {"column"}


def test_every_option_on_the_page_is_one_of_the_command() -> None:
    from regengine.cli import facts, grade

    known = {option for command in (facts.command, grade.command) for parameter in command.params for option in parameter.opts}
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", PAGE)) <= known
