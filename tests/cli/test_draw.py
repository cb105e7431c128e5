"""`regengine draw`: commit, reveal, verify and redraw, in both languages, for people and machines, with the exit codes of the contract."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
CASE = json.loads((Path(__file__).parents[1] / "inspection" / "vectors" / "draw.json").read_text("utf-8"))["cases"][0]
SEED = CASE["seed"]
DRAWN, FOLLOWING = "91410022MA74218X26", "91410003MA23757X39"  # of class A, and the next by ticket


@pytest.fixture
def graded(tmp_path: Path) -> Path:
    """The enterprises of the first vector, with a district."""
    path = tmp_path / "graded.csv"
    lines = "".join(f"{key},{grade},{'east' if number % 2 else 'west'}\n" for number, (key, grade) in enumerate(CASE["frame"].items()))
    path.write_text(f"enterprise,grade,district\n{lines}", encoding="utf-8")
    return path


@pytest.fixture
def commit(run: Run, graded: Path, tmp_path: Path) -> Run:
    """`regengine draw commit` on these enterprises; what the test gives comes last."""

    def ran(*more: object, table: Path = graded, name: str = "zone", rulebook: object = "cn/henan-2022") -> Any:
        return run(
            "draw", "commit", table, "--rulebook", rulebook, "--as-of", "2026-01-01", "--draw-id", CASE["draw_id"], "--seed-from", "the lottery of 5 January",
            "--out", tmp_path / "draws", "--name", name, *more,
        )  # fmt: skip

    return ran


@pytest.fixture
def record(tmp_path: Path) -> Path:
    return tmp_path / "draws" / "zone.draw.jsonl"


def hand(record: Path, key: str) -> str:
    """The ticket as the shell works it out."""
    line = f"printf '%s' '{CASE['draw_id']}|{SEED}|{key}' | sha256sum"
    return subprocess.run(["/bin/sh", "-c", line], capture_output=True, text=True, check=True).stdout.split()[0]


def test_from_the_commitment_to_a_redraw(run: Run, commit: Run, record: Path) -> None:
    """The quotas are those of cn/henan-2022, which are those of the vector."""
    ran = commit()
    assert (ran.code, ran.err) == (0, "")
    assert "5 of 62 enterprises will be drawn; the seed will come from: the lottery of 5 January" in ran.out
    assert "A                  36   1/100       1            2.78%" in ran.out
    assert "publish before the seed exists" in ran.out
    assert run("draw", "verify", record).code == 0

    ran = run("draw", "reveal", record, "--seed", SEED)
    assert (ran.code, ran.err) == (0, "")
    assert f"5 of 62 enterprises drawn by the seed {SEED}" in ran.out
    rows = record.with_name("zone.drawn.csv").read_text("utf-8").splitlines()
    wanted = [f"{name},{place},{one['key']},{one['ticket']}" for name, told in CASE["strata"].items() for place, one in enumerate(told["drawn"], 1)]
    assert [row.rpartition(",")[0] for row in rows[1:]] == wanted

    ran = run("draw", "redraw", record, "--enterprise", DRAWN, "--reason", "closed since March")
    assert (ran.code, ran.err) == (0, "")
    assert f"{FOLLOWING} takes the place of {DRAWN} in A: closed since March" in ran.out
    ran = run("draw", "verify", record)
    assert (ran.code, ran.err) == (0, "")
    assert "yes: 5 drawn and 1 redrawn of 62, recomputed from the manifest and the seed" in ran.out


def test_in_chinese(run: Run, commit: Run, record: Path) -> None:
    assert "共62户，将抽取5户；种子来源：the lottery of 5 January" in commit("--lang", "zh").out
    assert f"共62户，按种子“{SEED}”抽中5户" in run("draw", "reveal", record, "--seed", SEED, "--lang", "zh").out
    ran = run("draw", "redraw", record, "--enterprise", DRAWN, "--reason", "已停业", "--lang", "zh")
    assert f"A层：{DRAWN}由{FOLLOWING}递补，原因：已停业" in ran.out
    assert "是：根据名单和种子重新计算，共62户，抽中5户，递补1户，一致" in run("draw", "verify", record, "--lang", "zh").out
    assert f"已由{FOLLOWING}递补（已停业）" in run("draw", "verify", record, "--enterprise", DRAWN, "--lang", "zh").out


@pytest.mark.parametrize(
    ("key", "code", "en", "zh"),
    [
        (DRAWN, 0, "drawn: its position is within the number drawn", "已抽中：位次在抽取数之内"),
        (FOLLOWING, 0, "not drawn: its position is past the number drawn", "未抽中：位次在抽取数之外"),
        ("nobody", 1, "nobody is not in the frame of zone-2026-q1: it could not be drawn", "nobody不在zone-2026-q1的名单中，不可能被抽中"),
    ],
)
def test_one_enterprise(run: Run, commit: Run, record: Path, key: str, code: int, en: str, zh: str) -> None:
    commit()
    run("draw", "reveal", record, "--seed", SEED)
    record.with_name("zone.drawn.csv").unlink()  # the manifest is enough
    for lang, words in (("en", en), ("zh", zh)):
        ran = run("draw", "verify", record, "--enterprise", key, "--lang", lang)
        assert (ran.code, ran.err) == (code, "")
        assert words in ran.out
    if not code:
        assert hand(record, key) in ran.out
        assert f"printf '%s' '{CASE['draw_id']}|{SEED}|{key}' | sha256sum" in ran.out


def test_one_enterprise_before_the_reveal(run: Run, commit: Run, record: Path) -> None:
    commit()
    ran = run("draw", "verify", record, "--enterprise", DRAWN)
    assert ran.code == 0
    assert "in the frame; nothing is drawn yet" in ran.out
    assert "ticket" not in ran.out


def test_for_machines(run: Run, commit: Run, record: Path) -> None:
    told = json.loads(commit("--format", "json").out)
    assert told["manifest_sha256"] == CASE["manifest_sha256"]
    assert told["strata"][2] == {"stratum": "C", "population": 7, "ratio": "1/10", "drawn": 1, "probability": "1/7"}
    assert (told["seed"], told["drawn"], told["random_floor"], told["floor"]) == (None, None, None, 0)
    (told,) = json.loads(run("draw", "reveal", record, "--seed", SEED, "--format", "json").out)
    assert (told["seed"], told["drawn"]) == (SEED, str(record.with_name("zone.drawn.csv")))
    told = json.loads(run("draw", "redraw", record, "--enterprise", DRAWN, "--reason", "closed", "--format", "json").out)
    assert [(one["out"], one["in"], one["reason"]) for one in told["redraws"]] == [(DRAWN, FOLLOWING, "closed")]
    told = json.loads(run("draw", "verify", record, "--enterprise", FOLLOWING, "--format", "json").out)
    assert (told["in_frame"], told["position"], told["drawn_by"], told["redrawn_for"], told["ticket"]) == (True, 2, None, DRAWN, hand(record, FOLLOWING))
    told = json.loads(run("draw", "verify", record, "--format", "json").out)
    assert (told["agrees"], told["revealed"], told["problems"]) == (True, True, [])


def test_strata_of_two_columns_take_the_quota_of_the_first(commit: Run) -> None:
    ran = commit("--stratum", "grade", "--stratum", "district", "--quota", "B=2%,at_least=1,at_most=1", "--quota", "D/east=30%,at_least=3", "--format", "json")
    assert (ran.code, ran.err) == (0, "")
    strata = {one["stratum"]: (one["population"], one["ratio"], one["drawn"]) for one in json.loads(ran.out)["strata"]}
    assert strata == {
        "A/east": (18, "1/100", 1), "A/west": (18, "1/100", 1), "B/east": (7, "1/50", 1), "B/west": (6, "1/50", 1), "C/west": (7, "1/10", 1),
        "D/east": (6, "3/10", 3),
    }  # fmt: skip


def test_quotas_of_a_rulebook_that_gives_none(commit: Run) -> None:
    more = ("--quota", "A=1%", "--quota", "B=1/50", "--quota", "C=10%", "--quota", "D=0")
    assert commit(*more, rulebook="cn/health-caps-2025").code == 0


@pytest.mark.parametrize(
    ("more", "code", "words"),
    [
        (["--quota", "A=101%"], 2, "`101%` is more than the whole"),
        (["--quota", "A"], 2, "`A` is not STRATUM=RATIO"),
        (["--quota", "A=1%", "--quota", "A=2%"], 2, "the stratum `A` is given twice"),
        (["--quota", "A=1%,at_least=9,at_most=4"], 2, "cannot both be drawn [draw-quota]"),
        (["--quota", "E=1%"], 2, "nobody is in the stratum `E` [draw-quota]"),
        (["--quota", "A=1/200"], 2, "the share 1/200 of `A` is not what the rulebook allows [draw-quota]"),
        (["--stratum", "town"], 2, "there is no column `town` [key-column]"),
        (["--key", "grade"], 2, "the key stands in more than one row [draw-frame]"),
        (["--name", "Zone"], 2, "`Zone` cannot be the name of a draw [option-wrong]"),
        (["--draw-id", "a|b"], 2, "[option-wrong]"),
        (["--seed-from", " "], 2, "where the seed will come from is empty [option-wrong]"),
    ],
)
def test_a_commitment_that_is_refused(commit: Run, tmp_path: Path, more: list[str], code: int, words: str) -> None:
    ran = commit(*more)
    assert (ran.code, ran.out) == (code, "")
    assert words in ran.err
    assert list((tmp_path / "draws").glob("*")) == []


def test_a_stratum_that_the_rulebook_does_not_know(commit: Run, graded: Path) -> None:
    graded.write_text("enterprise,grade\na,A\nb,Z\n", encoding="utf-8")
    ran = commit()
    assert ran.code == 2
    assert "gives no share to draw of the stratum `Z` [draw-quota]" in ran.err


def test_a_value_with_a_slash_in_strata_of_two_columns(commit: Run, graded: Path) -> None:
    graded.write_text("enterprise,grade,district\na,A,x/y\n", encoding="utf-8")
    ran = commit("--stratum", "grade", "--stratum", "district")
    assert ran.code == 2
    assert "column `district`: a value holds `/`, by which the columns of a stratum are joined [draw-frame]" in ran.err


def test_seeds_that_are_refused(run: Run, commit: Run, record: Path, tmp_path: Path) -> None:
    commit()
    commit("--draw-id", "another", name="other")
    for seed, words in (("", "the seed is empty [option-wrong]"), ("1\n2", "the seed holds a line break")):
        ran = run("draw", "reveal", record, "--seed", seed)
        assert ran.code == 2
        assert words in ran.err
    assert run("draw", "reveal", record, "--seed", SEED).code == 0
    ran = run("draw", "reveal", tmp_path / "draws" / "other.draw.jsonl", "--seed", SEED)
    assert (ran.code, ran.out) == (2, "")
    assert f"the seed was revealed for the draw `{CASE['draw_id']}` [seed-used]" in ran.err
    ran = run("draw", "reveal", record, "--seed", "7")
    assert ran.code == 2
    assert "the draw was revealed already" in ran.err


def test_a_rulebook_that_changed_between_commitment_and_reveal(run: Run, commit: Run, record: Path, tmp_path: Path) -> None:
    """Of one's own rulebook the file is given again; another text of it is refused with both digests."""
    text = (Path(__file__).parents[1] / "inspection" / "plan.yaml").read_text("utf-8")
    book = tmp_path / "own" / "plan.yaml"
    book.parent.mkdir()
    book.write_text(text, encoding="utf-8")
    shares = [part for name in "ABCD" for part in ("--quota", f"t{name}=10%")]  # of strata that the rulebook has no entry for
    graded = tmp_path / "tiers.csv"
    graded.write_text("enterprise,grade\n" + "".join(f"{key},t{grade}\n" for key, grade in CASE["frame"].items()), encoding="utf-8")
    ran = commit(*shares, table=graded, rulebook=book)
    assert (ran.code, ran.err) == (0, "")
    ran = run("draw", "reveal", record, "--seed", SEED)
    assert ran.code == 2
    assert "which is not shipped [draw-rulebook]\n  hint: name its file with `--rulebook`" in ran.err
    committed = json.loads(record.read_bytes())["rulebook"]["digest"]
    book.write_text(text + "\n# a remark changes no digest\n", encoding="utf-8")
    changed = tmp_path / "changed.yaml"
    changed.write_text(text.replace('edition: "', 'edition: "9', 1), encoding="utf-8")
    ran = run("draw", "reveal", record, "--seed", SEED, "--rulebook", changed)
    assert (ran.code, ran.out) == (2, "")
    assert "[draw-rulebook]" in ran.err
    digests = {word for word in ran.err.replace(",", " ").split() if len(word) == 64}
    assert len(digests) == 2
    assert committed in digests
    assert run("draw", "reveal", record, "--seed", SEED, "--rulebook", book).code == 0


def test_what_was_changed_is_told_and_ends_with_one(run: Run, commit: Run, record: Path) -> None:
    commit()
    run("draw", "reveal", record, "--seed", SEED)
    whole = {path: path.read_bytes() for path in record.parent.iterdir()}
    for name, change, words in (
        ("zone.manifest.txt", lambda text: text.replace(b"|A", b"|D", 1), "the manifest has SHA-256"),
        ("zone.drawn.csv", lambda text: text.replace(DRAWN.encode(), b"91410099MA00000X00"), "the seed draws"),
        ("zone.draw.jsonl", lambda text: text.replace(b"lottery", b"lotterz"), "the line says that the one before has SHA-256"),
        ("zone.draw.jsonl", lambda text: text[:-1], "the last line is cut short"),
    ):
        path = record.with_name(name)
        path.write_bytes(change(whole[path]))
        ran = run("draw", "verify", record)
        assert ran.code == 1
        assert "no: the draw is not what its record says" in ran.out
        assert words in ran.err
        assert json.loads(run("draw", "verify", record, "--format", "json").out)["agrees"] is False
        path.write_bytes(whole[path])
    assert run("draw", "verify", record).code == 0


def test_a_file_that_is_not_there_is_a_wrong_call(run: Run, commit: Run, record: Path) -> None:
    commit()
    shutil.copy(record, record.with_name("copy.draw.jsonl"))
    record.with_name("zone.manifest.txt").unlink()
    for path, code in ((record, 2), (record.with_name("none.draw.jsonl"), 2), (record.with_name("copy.draw.jsonl"), 1)):
        assert run("draw", "verify", path).code == code
