"""Records of draws: appended to and never rewritten, each change of a file told, and the stand-alone script of the same mind."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regengine.inspection.draw import Quota
from regengine.inspection.draw.record import Draw, check_rulebook, commit, read_draw, redraw, reveal, verify, verify_one
from regengine.inspection.rules import PlanRules
from regengine.problems import ProblemError
from regengine.rulebook.load import canonical_json

SCRIPT = Path(__file__).resolve().parents[2] / "docs" / "verify_draw.py"
CASES = json.loads((Path(__file__).parent / "vectors" / "draw.json").read_text("utf-8"))["cases"]
DAY = dt.date(2026, 1, 1)
FRAME = {f"企业,{number}": "A" if number < 30 else "D" for number in range(40)}
QUOTAS = {"A": Quota(Fraction(1, 15)), "D": Quota(Fraction(3, 10), 2, 3)}
Made = Callable[..., Draw]


@pytest.fixture
def made(tmp_path: Path, rules: PlanRules) -> Made:
    """Commit to a draw of 40 enterprises, of which 2 of A, 3 of D and 4 of the others by the random floor are drawn."""

    def committed(name: str = "zone", frame: dict[str, str] = FRAME, quotas: dict[str, Quota] = QUOTAS, **given: Any) -> Draw:
        table = pl.DataFrame({"enterprise": list(frame), "stratum": list(frame.values())}, schema={"enterprise": pl.String, "stratum": pl.String})
        options = {"draw_id": f"{name}-2026", "random_floor": Fraction(1, 10), "rules": rules, "law_at": DAY, "as_of": DAY, "seed_from": "a lottery"}
        return commit(tmp_path / "draws [1]*", name, table, quotas, **{**options, **given})

    return committed


@pytest.fixture
def revealed(made: Made) -> Draw:
    return reveal([made()], "06 11 19")[0]


def script(draw: Draw) -> tuple[int, str]:
    """What the stand-alone script says."""
    ran = subprocess.run([sys.executable, "-I", SCRIPT, draw.record], capture_output=True, text=True, check=False, encoding="utf-8")
    return ran.returncode, ran.stdout + ran.stderr


def refused(code: str, words: str, work: Callable[[], object]) -> None:
    with pytest.raises(ProblemError) as caught:
        work()
    assert [problem.code for problem in caught.value.problems] == [code]
    assert words in str(caught.value)


def names(draw: Draw) -> list[str]:
    return sorted(path.name for path in draw.folder.iterdir())


# what is written


def test_the_commitment_to_the_byte(made: Made, rules: PlanRules) -> None:
    draw = made(frame={"b": "A", "a": "A", "c": "D"}, quotas={"A": Quota(Fraction(1, 100)), "D": Quota(Fraction(3, 10), 1, 9)})
    digest = hashlib.sha256(b"a|A\nb|A\nc|D\n").hexdigest()
    assert draw.manifest.read_bytes() == b"a|A\nb|A\nc|D\n"
    assert draw.record.read_text("utf-8") == (
        '{"algorithm":"sha256-ticket-1","as_of":"2026-01-01","draw_id":"zone-2026","entry":"commitment","frame":{"A":2,"D":1},"law_at":"2026-01-01",'
        f'"manifest":"zone.manifest.txt","manifest_sha256":"{digest}","previous":null,'
        '"quotas":{"A":{"ratio":"1/100"},"D":{"at_least":1,"at_most":9,"ratio":"3/10"}},"random_floor":"1/10",'
        f'"rulebook":{{"digest":"{rules.digest}","edition":"{rules.edition}","id":"{rules.rulebook}"}},"seed_from":"a lottery"}}\n'
    )
    assert names(draw) == ["zone.draw.jsonl", "zone.manifest.txt"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["draw_id"])
def test_every_vector_reveals_and_verifies(made: Made, case: dict[str, Any]) -> None:
    quotas = {name: Quota(Fraction(one["ratio"]), one.get("at_least"), one.get("at_most")) for name, one in case["quotas"].items()}
    draw = made(frame=case["frame"], quotas=quotas, draw_id=case["draw_id"], random_floor=None)
    assert draw.commitment.manifest_sha256 == case["manifest_sha256"]
    (draw,) = reveal([draw], case["seed"])
    with draw.drawn_file.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["stratum", "position", "enterprise", "ticket", "probability"]
    assert rows[1:] == [
        [name, str(place), one["key"], one["ticket"], str(Fraction(len(told["drawn"]), told["population"]))]
        for name, told in case["strata"].items()
        for place, one in enumerate(told["drawn"], 1)
    ]
    assert verify(read_draw(draw.record)) == []
    assert script(draw)[0] == 0
    for name, told in case["strata"].items():  # the next two of each stratum are those that redraws bring
        for gone, following in zip([one["key"] for one in told["drawn"]], told["next"], strict=False):
            draw = redraw(draw, gone, "closed")
            assert (draw.redraws[-1].stratum, draw.redraws[-1].into) == (name, following)
    assert verify(read_draw(draw.record)) == []
    assert script(draw)[0] == 0


def test_the_reveal_counts_and_binds_the_drawn_file(revealed: Draw) -> None:
    assert revealed.revealed is not None
    assert (revealed.revealed.drawn, revealed.revealed.floor) == ({"A": 2, "D": 3}, 4)
    assert revealed.revealed.drawn_sha256 == hashlib.sha256(revealed.drawn_file.read_bytes()).hexdigest()
    lines = revealed.record.read_bytes().splitlines()
    assert revealed.revealed.previous == hashlib.sha256(lines[0]).hexdigest()
    assert revealed.last == hashlib.sha256(lines[1]).hexdigest()
    # 2/30 + 28/30 · 4/35 and 3/10 + 7/10 · 4/35
    chances = {FRAME[key]: chance for key, chance in revealed.drawn().select("enterprise", "probability").iter_rows()}
    assert chances == {"A": "13/75", "D": "19/50"}
    assert b'"\xe4\xbc\x81\xe4\xb8\x9a,' in revealed.drawn_file.read_bytes()  # a comma, and so quotes


def test_an_empty_frame_commits_and_reveals(made: Made) -> None:
    (draw,) = reveal([made(frame={}, quotas={})], "1")
    assert draw.drawn().is_empty()
    assert verify(draw) == []
    assert script(draw) == (0, "yes: 0 drawn and 0 redrawn of 0, as committed to\n")


def test_a_redraw_takes_the_next_and_never_one_who_was_taken(revealed: Draw) -> None:
    """Until nobody is left in D: each who comes in was in nobody's place before."""
    draw, seen = revealed, set(revealed.drawn()["enterprise"])
    gone = draw.drawn().filter(pl.col("stratum") == "D")["enterprise"][0]
    free = [key for key, name in FRAME.items() if name == "D" and key not in seen]
    for _ in free:
        before = draw.record.read_bytes()
        draw = redraw(draw, gone, "closed since March")
        assert draw.record.read_bytes().startswith(before)
        gone = draw.redraws[-1].into
        assert gone not in seen
        seen.add(gone)
    tickets = [one.ticket for one in draw.redraws]
    assert tickets == sorted(tickets)
    assert {one.into for one in draw.redraws} == set(free)
    refused("option-wrong", "nobody is left in `D` who could take its place", lambda: redraw(draw, gone, "closed"))
    assert verify(read_draw(draw.record)) == []
    assert script(draw)[0] == 0


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_redraws_in_any_order_verify(revealed: Draw, data: st.DataObject) -> None:
    draw = replace(revealed)
    draw.record.write_bytes(revealed.text)
    standing = set(draw.drawn()["enterprise"])
    ever = set(standing)
    for _ in range(data.draw(st.integers(1, 6))):
        gone = data.draw(st.sampled_from(sorted(standing)))
        draw = redraw(draw, gone, data.draw(st.sampled_from(["closed", "已搬迁"])))
        assert draw.redraws[-1].into not in ever
        standing = (standing - {gone}) | {draw.redraws[-1].into}
        ever |= standing
    assert verify(read_draw(draw.record)) == []
    assert script(draw)[0] == 0


# one enterprise


def test_one_enterprise_of_each_kind(revealed: Draw) -> None:
    rows = revealed.drawn()
    first, floor = rows["enterprise"][0], rows.filter(pl.col("stratum") == "floor")["enterprise"][0]
    draw = redraw(revealed, first, "closed")
    into = draw.redraws[0].into
    one = verify_one(draw, first)
    ticket = hashlib.sha256(f"zone-2026|06 11 19|{first}".encode()).hexdigest()
    assert (one.stratum, one.population, one.number, one.probability, one.ticket, one.position) == ("A", 30, 2, Fraction(13, 75), ticket, 1)
    assert (one.by, one.out and one.out.into, one.in_file, one.agrees) == ("draw", into, True, True)
    one = verify_one(draw, into)
    order = sorted((key for key, name in FRAME.items() if name == "A"), key=lambda key: hashlib.sha256(f"zone-2026|06 11 19|{key}".encode()).hexdigest())
    assert (one.by, one.position, one.into and one.into.out, one.in_file) == (None, 1 + order.index(into), first, False)
    assert into == next(key for key in order if key not in set(rows["enterprise"]))  # those of the floor are passed over
    one = verify_one(draw, floor)
    assert (one.by, one.floor_position, one.floor_number) == ("floor", 1, 4)
    assert one.floor_ticket == hashlib.sha256(f"zone-2026/floor|06 11 19|{floor}".encode()).hexdigest()
    one = verify_one(draw, "企业,99")
    assert (one.stratum, one.by, one.ticket) == (None, None, None)


def test_one_enterprise_needs_no_drawn_file_and_is_compared_with_it(revealed: Draw) -> None:
    key = revealed.drawn()["enterprise"][0]
    text = revealed.drawn_file.read_text("utf-8")
    revealed.drawn_file.unlink()
    assert (verify_one(revealed, key).by, verify_one(revealed, key).in_file) == ("draw", None)
    # a drawn file without it, to which the record was made to agree
    revealed.drawn_file.write_text("".join(line for line in text.splitlines(keepends=True) if key not in line), "utf-8")
    forged = rewritten(revealed, 1, drawn_sha256=hashlib.sha256(revealed.drawn_file.read_bytes()).hexdigest())
    assert (verify_one(forged, key).in_file, verify_one(forged, key).agrees) == (False, False)


def test_before_the_reveal_there_is_no_ticket(made: Made) -> None:
    draw = made()
    one = verify_one(draw, "企业,1")
    assert (one.stratum, one.population, one.number, one.probability, one.ticket, one.position) == ("A", 30, 2, Fraction(13, 75), None, None)
    assert verify(draw) == []
    refused("draw-record", "the draw is not revealed yet", draw.drawn)
    refused("draw-record", "the draw is not revealed yet", lambda: redraw(draw, "企业,1", "closed"))


# refusals


def test_a_seed_is_used_once_in_a_folder_unless_draws_are_revealed_together(made: Made) -> None:
    one, two, three = made("one"), made("two"), made("three")
    one, two = reveal([one, two], "06 11 19")
    assert one.seed == two.seed == "06 11 19"
    before = three.record.read_bytes()
    refused_twice = "the seed was revealed for the draw `"
    with pytest.raises(ProblemError) as caught:
        reveal([three], "06 11 19")
    assert [problem.code for problem in caught.value.problems] == ["seed-used", "seed-used"]
    assert refused_twice in str(caught.value)
    assert three.record.read_bytes() == before
    assert not three.drawn_file.exists()
    assert reveal([three], "06 11 20")[0].seed == "06 11 20"


def test_a_draw_is_revealed_once(revealed: Draw) -> None:
    before = revealed.record.read_bytes()
    refused("draw-record", "the draw was revealed already, with the seed `06 11 19`", lambda: reveal([revealed], "7"))
    assert revealed.record.read_bytes() == before


@pytest.mark.parametrize("seed", ["", " ", "1\n2", "1\r", "\x00"])
def test_a_seed_that_cannot_be_used(made: Made, seed: str) -> None:
    draw = made()
    with pytest.raises(ProblemError, match="option-wrong"):
        reveal([draw], seed)
    assert names(draw) == ["zone.draw.jsonl", "zone.manifest.txt"]


def test_another_rulebook_is_refused_naming_both_digests(made: Made, rules: PlanRules) -> None:
    draw, other = made(), replace(rules, digest="0" * 64)
    check_rulebook(draw, rules)
    with pytest.raises(ProblemError) as caught:
        check_rulebook(draw, other)
    assert [problem.code for problem in caught.value.problems] == ["draw-rulebook"]
    assert rules.digest in str(caught.value)
    assert "0" * 64 in str(caught.value)


@pytest.mark.parametrize(
    ("given", "code", "words"),
    [
        ({"name": "Zone"}, "option-wrong", "`Zone` cannot be the name of a draw"),
        ({"name": "../zone"}, "option-wrong", "cannot be the name of a draw"),
        ({"draw_id": "a|b"}, "option-wrong", "holds `|`"),
        ({"seed_from": ""}, "option-wrong", "where the seed will come from is empty"),
        ({"quotas": {"A": Quota(Fraction(1))}}, "draw-quota", "the stratum `D` has no quota"),
        ({"frame": {"a|b": "A"}, "quotas": {"A": Quota(Fraction(1))}}, "draw-frame", "holds `|`"),
    ],
)
def test_what_cannot_be_committed_to_leaves_nothing(made: Made, tmp_path: Path, given: dict[str, Any], code: str, words: str) -> None:
    refused(code, words, lambda: made(**given))
    assert list((tmp_path / "draws [1]*").glob("*")) == []


def test_a_record_is_never_replaced_and_a_draw_id_never_used_again(made: Made) -> None:
    draw = made()
    refused("output-exists", "this belongs to another draw", made)
    refused("option-wrong", "the draw id `zone-2026` is that of another draw", lambda: made("other", draw_id="zone-2026"))
    assert names(draw) == ["zone.draw.jsonl", "zone.manifest.txt"]


@pytest.mark.parametrize(
    ("key", "reason", "words"), [("企业,99", "closed", "the enterprise is not drawn"), (None, "", "the reason is empty"), (None, "a\nb", "line break")]
)
def test_a_redraw_that_is_refused(revealed: Draw, key: str | None, reason: str, words: str) -> None:
    before = revealed.record.read_bytes()
    refused("option-wrong", words, lambda: redraw(revealed, key or revealed.drawn()["enterprise"][0], reason))
    assert revealed.record.read_bytes() == before


def test_one_who_was_replaced_is_not_replaced_again(revealed: Draw) -> None:
    key = revealed.drawn()["enterprise"][0]
    draw = redraw(revealed, key, "closed")
    refused("option-wrong", "is not drawn, or was replaced already", lambda: redraw(draw, key, "closed"))


def test_nothing_is_appended_to_a_record_that_grew_meanwhile(revealed: Draw) -> None:
    first, second = revealed.drawn()["enterprise"][:2]
    redraw(revealed, first, "closed")
    before = revealed.record.read_bytes()
    refused("draw-record", "the record changed after it was read", lambda: redraw(revealed, second, "closed"))
    assert revealed.record.read_bytes() == before


def test_a_full_disk_leaves_every_record_as_it_was(made: Made) -> None:
    """No file may grow past some bytes: the drawn files have room, the second record has not. What was appended to the first is taken back."""
    one, two = made("one"), made("two", seed_from="x" * 2_000)
    before = [draw.record.read_bytes() for draw in (one, two)]
    most = len(before[1]) + 40
    code = (
        f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({most}, {most}))\n"
        "import sys; from pathlib import Path; from regengine.inspection.draw.record import read_draw, reveal\n"
        "reveal([read_draw(Path(path)) for path in sys.argv[1:]], '1')"
    )
    ran = subprocess.run([sys.executable, "-c", code, one.record, two.record], capture_output=True, text=True, check=False)
    assert "the file could not be written: file too large [output-failed]" in ran.stderr
    assert [draw.record.read_bytes() for draw in (one, two)] == before
    assert names(one) == ["one.draw.jsonl", "one.manifest.txt", "two.draw.jsonl", "two.manifest.txt"]
    assert [draw.seed for draw in reveal([one, two], "1")] == ["1", "1"]


# what was changed


def rewritten(draw: Draw, line: int, **values: Any) -> Draw:
    """The draw whose record has other values in one line, with a chain that holds again."""
    entries = [json.loads(one) for one in draw.record.read_bytes().splitlines()]
    entries[line] |= values
    lines: list[bytes] = []
    for entry in entries:
        lines.append(canonical_json({**entry, "previous": hashlib.sha256(lines[-1]).hexdigest() if lines else None}))
    draw.record.write_bytes(b"".join(one + b"\n" for one in lines))
    return read_draw(draw.record)


@pytest.fixture
def replaced(revealed: Draw) -> Draw:
    """A draw with two redraws."""
    keys = revealed.drawn()["enterprise"]
    return redraw(redraw(revealed, keys[0], "closed"), keys[2], "moved")


LINES: dict[str, tuple[Callable[[list[bytes]], list[bytes]], str]] = {
    "an edited commitment": (lambda lines: [lines[0].replace(b"a lottery", b"a lottorx"), *lines[1:]], ":2: the line says that the one before has SHA-256"),
    "an edited seed": (lambda lines: [lines[0], lines[1].replace(b"06 11 19", b"06 11 20"), *lines[2:]], ":3: the line says that the one before"),
    "two lines exchanged": (lambda lines: [*lines[:2], lines[3], lines[2]], ":3: the line says that the one before"),
    "a line left out": (lambda lines: [*lines[:2], lines[3]], ":3: the line says that the one before"),
    "the reveal left out": (lambda lines: [lines[0], *lines[2:]], ":2: the line is not a reveal"),
    "no commitment": (lambda lines: lines[1:], ":1: the line is not a commitment"),
    "a line twice": (lambda lines: [*lines, lines[3]], ":5: the line says that the one before"),
    "blanks": (lambda lines: [*lines[:3], lines[3].replace(b":", b": ", 1)], ":4: the line is not written as a record writes it"),
    "no JSON": (lambda lines: [*lines, b"{"], ":5: the line is not JSON"),
    "another key": (lambda lines: [*lines[:3], lines[3].replace(b'"in"', b'"en"')], ":4: the line is not written as a record writes it"),
    "nothing": (lambda lines: [], ":1: the record is empty"),
}


@pytest.mark.parametrize("name", LINES)
def test_a_record_that_was_changed(replaced: Draw, name: str) -> None:
    change, words = LINES[name]
    lines = change(replaced.record.read_bytes().splitlines())
    replaced.record.write_bytes(b"".join(line + b"\n" for line in lines))
    refused("draw-record", words, lambda: read_draw(replaced.record))
    if name != "blanks":  # the script reads what JSON says
        assert script(replaced)[0] == 1


@pytest.mark.parametrize("cut", [1, 2, 100])
def test_a_torn_last_line_is_told(replaced: Draw, cut: int) -> None:
    whole = replaced.record.read_bytes()
    replaced.record.write_bytes(whole[:-cut])
    refused("draw-record", ":4: the last line is cut short", lambda: read_draw(replaced.record))
    assert script(replaced)[0] == 1
    replaced.record.write_bytes(b"".join(whole.splitlines(keepends=True)[:3]))  # what stands above it holds
    assert len(read_draw(replaced.record).redraws) == 1


FORGED: dict[str, tuple[int, Callable[[Draw], dict[str, Any]], str]] = {
    "a quota": (0, lambda draw: {"quotas": {"A": {"ratio": "1/10"}, "D": {"ratio": "3/10"}}}, "another number drawn than the quotas give"),
    "a frame": (0, lambda draw: {"frame": {"A": 31, "D": 9}}, "the manifest has 30 enterprises in the stratum `A`, the commitment says 31"),
    "a manifest": (0, lambda draw: {"manifest_sha256": "0" * 64}, "the commitment says 0000"),
    "the floor": (0, lambda draw: {"random_floor": "1/5"}, "another number drawn than the quotas give"),
    "a seed": (1, lambda draw: {"seed": "06 11 20"}, "the record names this drawn file, and it is not what the seed draws"),
    "a count": (1, lambda draw: {"drawn": {"A": 2, "D": 2}}, "another number drawn than the quotas give"),
    "a drawn file": (1, lambda draw: {"drawn_sha256": "0" * 64}, "the record says that the drawn file has SHA-256 0000"),
    "who comes in": (3, lambda draw: {"in": next(key for key in FRAME if key not in set(draw.drawn()["enterprise"]))}, "the next by ticket is"),
    "who goes out": (3, lambda draw: {"out": draw.redraws[0].out}, "was not drawn in"),
    "the stratum": (3, lambda draw: {"stratum": "A"}, "was not drawn in `A`, or was replaced before"),
}


@pytest.mark.parametrize("name", FORGED)
def test_a_record_that_was_forged_with_its_chain_does_not_verify(replaced: Draw, name: str) -> None:
    line, values, words = FORGED[name]
    forged = rewritten(replaced, line, **values(replaced))
    problems = verify(forged)
    assert words in "\n".join(map(str, problems))
    assert {problem.code for problem in problems} == {"draw-record"}
    code, said = script(forged)
    assert (code, "no: " in said) == (1, True)


def test_a_manifest_that_was_changed(revealed: Draw) -> None:
    text = revealed.manifest.read_bytes()
    revealed.manifest.write_bytes(text.replace("企业,1|A\n".encode(), b""))
    assert "the manifest has SHA-256" in str(verify(revealed)[0])
    assert script(revealed)[0] == 1
    for work in (lambda: verify_one(revealed, "企业,2"), lambda: redraw(revealed, revealed.drawn()["enterprise"][0], "closed")):
        refused("draw-record", "the manifest has SHA-256", work)
    revealed.manifest.write_bytes(text)
    assert verify(revealed) == []


def test_a_manifest_that_was_changed_before_the_reveal(made: Made) -> None:
    draw = made()
    draw.manifest.write_bytes(draw.manifest.read_bytes() + b"z|A\n")
    refused("draw-record", "the manifest has SHA-256", lambda: reveal([draw], "1"))
    assert read_draw(draw.record).revealed is None


@pytest.mark.parametrize(
    "text", [b"b|A\na|D\n", b"a|A\na|D\n", b"a|A\nb|D", b"a|A\nb|A|D\n", b"a|A\n\nb|D\n"], ids=["unsorted", "doubled", "no end", "bars", "blank"]
)
def test_a_manifest_that_is_none_though_it_was_committed_to(made: Made, text: bytes) -> None:
    (draw,) = reveal([made(frame={"a": "A", "b": "D"})], "1")
    draw.manifest.write_bytes(text)
    forged = rewritten(draw, 0, manifest_sha256=hashlib.sha256(text).hexdigest())
    assert verify(forged)
    assert script(forged)[0] == 1


def test_a_drawn_file_that_was_changed(revealed: Draw) -> None:
    lines = revealed.drawn_file.read_text("utf-8").splitlines(keepends=True)
    revealed.drawn_file.write_text("".join([*lines[:2], *lines[3:]]), "utf-8")
    said = "\n".join(map(str, verify(revealed)))
    assert f"zone.drawn.csv:3: the drawn file has `{lines[3].rstrip()}`, the seed draws `{lines[2].rstrip()}`" in said
    refused("draw-record", "the drawn file has SHA-256", revealed.drawn)
    assert script(revealed)[0] == 1


@pytest.mark.parametrize("left_out", [["A,2,"], ["D,"], ["floor,"], ["floor,4,"], ["A,", "D,", "floor,"]], ids="; ".join)
def test_a_drawn_file_that_leaves_somebody_out_with_a_record_that_agrees(revealed: Draw, left_out: list[str]) -> None:
    kept = [line for line in revealed.drawn_file.read_text("utf-8").splitlines(keepends=True) if not line.startswith(tuple(left_out))]
    revealed.drawn_file.write_text("".join(kept), "utf-8")
    forged = rewritten(revealed, 1, drawn_sha256=hashlib.sha256(revealed.drawn_file.read_bytes()).hexdigest())
    assert "the record names this drawn file, and it is not what the seed draws" in "\n".join(map(str, verify(forged)))
    assert script(forged) == (1, "no: the drawn file does not name those whom the seed draws, or not with their tickets and chances\n")


def test_a_drawn_file_with_one_too_many_or_another_chance(revealed: Draw) -> None:
    text = revealed.drawn_file.read_text("utf-8")
    order = sorted((hashlib.sha256(f"zone-2026|06 11 19|{key}".encode()).hexdigest(), key) for key, name in FRAME.items() if name == "A")
    more = text.replace("D,1,", f'A,3,"{order[2][1]}",{order[2][0]},13/75\nD,1,', 1)
    for changed in (more, text.replace("13/75", "1/15", 1), text.replace("A,1,", "A,01,")):
        revealed.drawn_file.write_text(changed, "utf-8")
        forged = rewritten(revealed, 1, drawn_sha256=hashlib.sha256(changed.encode()).hexdigest())
        assert verify(forged)
        assert script(forged)[0] == 1


def test_the_script_says_that_nothing_is_revealed(made: Made) -> None:
    assert script(made()) == (1, "no: nothing is revealed yet\n")


def test_a_file_that_is_not_there(revealed: Draw) -> None:
    revealed.drawn_file.unlink()
    refused("file-missing", "the file cannot be read", lambda: verify(revealed))
    revealed.manifest.unlink()
    refused("file-missing", "the file cannot be read", lambda: verify(revealed))
    refused("file-missing", "the record cannot be read", lambda: read_draw(revealed.folder / "other.draw.jsonl"))
    refused("option-wrong", "is not the name of a draw's record", lambda: read_draw(revealed.folder / "zone.drawn.csv"))


def test_files_under_other_names_are_told(revealed: Draw) -> None:
    moved = revealed.folder / "other.draw.jsonl"
    os.rename(revealed.record, moved)
    refused("draw-record", "the record names `zone.manifest.txt` where `other.manifest.txt` belongs", lambda: read_draw(moved))


# the script


def test_the_script_is_short_and_needs_only_python() -> None:
    text = SCRIPT.read_text("utf-8")
    assert len(text.splitlines()) <= 60
    imported = {line.split()[1].partition(".")[0] for line in text.splitlines() if line.startswith(("import ", "from "))}
    assert imported <= sys.stdlib_module_names
