"""The draw reaches every vector on every kind of table, does not hang on the order of the input, and is uniform in each stratum."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regengine.inspection.draw import Quota, draw, floor_number, numbers_of, probabilities, tickets, write_manifest
from regengine.inspection.draw.frame import read_manifest
from regengine.inspection.draw.tickets import by_duckdb, by_hashlib, ticket_of
from regengine.problems import ProblemError
from regengine.rulebook.values import parse_ratio

Row = tuple[str, int, str, str]
CASES = json.loads((Path(__file__).parent / "vectors" / "draw.json").read_text("utf-8"))["cases"]


def quotas(case: Mapping[str, Any]) -> dict[str, Quota]:
    return {name: Quota(parse_ratio(one["ratio"]), one.get("at_least"), one.get("at_most")) for name, one in case["quotas"].items()}


def table(frame: Mapping[str, str]) -> pl.DataFrame:
    return pl.DataFrame({"enterprise": list(frame), "stratum": list(frame.values())}, schema={"enterprise": pl.String, "stratum": pl.String})


def rows(frames: Any, drawn: Any) -> list[Row]:
    """The rows of a draw in the order of the contract, whatever order the kind of frame keeps."""
    return [(row["stratum"], row["position"], row["enterprise"], row["ticket"]) for row in frames.rows(drawn)]


@pytest.fixture(params=CASES, ids=lambda case: case["draw_id"])
def case(request: pytest.FixtureRequest) -> dict[str, Any]:
    return dict(request.param)


# vectors


def test_every_vector_on_every_kind_of_table(kind: str, frames: Any, case: dict[str, Any]) -> None:
    found = draw(frames.of(kind, table(case["frame"])), quotas(case), draw_id=case["draw_id"], seed=case["seed"])
    wanted = [(name, place, one["key"], one["ticket"]) for name, told in case["strata"].items() for place, one in enumerate(told["drawn"], 1)]
    assert sorted(rows(frames, found)) == wanted


def test_the_same_kind_of_table_comes_back(kind: str, frames: Any, case: dict[str, Any]) -> None:
    frame = frames.of(kind, table(case["frame"]))
    assert type(draw(frame, quotas(case), draw_id="x", seed="y")) is type(frame)
    assert type(tickets(frame, "x", "y")) is type(frame)


def test_the_random_floor_on_every_kind_of_table(kind: str, frames: Any, case: dict[str, Any]) -> None:
    """Over those who remain, by tickets of its own, worked out here with nothing but hashlib."""
    found = draw(frames.of(kind, table(case["frame"])), quotas(case), draw_id=case["draw_id"], seed=case["seed"], random_floor=Fraction(1, 7))
    first = {one["key"] for told in case["strata"].values() for one in told["drawn"]}
    rest = sorted((hashlib.sha256(f"{case['draw_id']}/floor|{case['seed']}|{key}".encode()).hexdigest(), key) for key in case["frame"] if key not in first)
    wanted = [("floor", place, key, ticket) for place, (ticket, key) in enumerate(rest[: ceil(len(rest) / 7)], 1)]
    assert sorted(row for row in rows(frames, found) if row[0] == "floor") == wanted
    assert len(rows(frames, found)) == len(first) + len(wanted)


def test_the_population_the_manifest_and_the_next_of_every_vector(case: dict[str, Any], tmp_path: Path) -> None:
    digest, population = write_manifest(table(case["frame"]), tmp_path / "x.manifest.txt")
    assert digest == case["manifest_sha256"]
    assert population == {name: told["population"] for name, told in case["strata"].items()}
    for name, told in case["strata"].items():
        order = sorted((ticket_of(case["draw_id"], case["seed"], key), key) for key, stratum in case["frame"].items() if stratum == name)
        many = len(told["drawn"])
        assert [key for _, key in order[many : many + 2]] == told["next"]


def test_the_order_of_strata_and_positions() -> None:
    frame = table({f"e{number}": "é" if number % 2 else "z" for number in range(8)})
    found = draw(frame, {"é": Quota(Fraction(1, 2)), "z": Quota(Fraction(1, 2))}, draw_id="x", seed="y", random_floor=Fraction(1, 2))
    assert [(name, place) for name, place, _, _ in found.iter_rows()] == [("z", 1), ("z", 2), ("é", 1), ("é", 2), ("floor", 1), ("floor", 2)]


# tickets


def test_a_ticket_is_what_sha256sum_prints() -> None:
    # printf '%s' 'zone-2026-q2|8f3a|企业-示例-1' | sha256sum
    assert ticket_of("zone-2026-q2", "8f3a", "企业-示例-1") == "2084d19507cd84dbf1318151273d36a7917a877eb5020e25243031da08a95df7"


def test_tickets_on_every_kind_of_table(kind: str, frames: Any) -> None:
    keys = ["企业-示例-1", "e-Ünïcode", "a'b", 'a"b', "a\\x41", "𝒳", " x ", "1"]
    found = frames.rows(tickets(frames.of(kind, pl.DataFrame({"k`1": keys, "n": list(range(len(keys)))})), "d'1", "s\\x41|'t", key="k`1"))
    assert sorted((row["n"], row["k`1"], row["ticket"]) for row in found) == [
        (number, key, hashlib.sha256(f"d'1|s\\x41|'t|{key}".encode()).hexdigest()) for number, key in enumerate(keys)
    ]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])) | st.none(), max_size=20), st.text(st.characters(exclude_categories=["Cs"])))
@settings(max_examples=50, deadline=None)
def test_duckdb_and_hashlib_give_the_same_tickets(keys: list[str | None], prefix: str) -> None:
    series = pl.Series("enterprise", keys, pl.String)
    wanted = [None if key is None else hashlib.sha256((prefix + key).encode()).hexdigest() for key in keys]
    assert by_duckdb(series, prefix.encode()).to_list() == by_hashlib(series, prefix.encode()).to_list() == wanted


def test_a_long_table_has_the_same_tickets_as_a_short_one() -> None:
    frame = pl.DataFrame({"enterprise": [f"e{number}" for number in range(120_000)]})
    long = tickets(frame, "x", "y")
    assert long.tail(5).equals(tickets(frame.tail(5), "x", "y"))
    assert long["ticket"].n_unique() == 120_000


def test_keys_and_strata_may_be_whole_numbers(kind: str, frames: Any) -> None:
    frame = pl.DataFrame({"id": [3, 20, 100], "stars": [5, 5, 0]})
    found = draw(frames.of(kind, frame), {"5": Quota(Fraction(1)), "0": Quota(Fraction(0))}, draw_id="x", seed="y", key="id", stratum="stars")
    assert sorted(row[2] for row in rows(frames, found)) == ["20", "3"]


def test_a_collation_changes_nothing() -> None:
    """DuckDB may compare texts without their case; keys and strata are compared by their bytes."""
    frame = table({"a": "x", "A": "X", "b": "x", "B": "X", "é": "x", "e": "x"})
    share = {"x": Quota(Fraction(1, 2)), "X": Quota(Fraction(1, 2))}
    with duckdb.connect(config={"default_collation": "nocase"}) as connection:
        found = draw(connection.from_arrow(frame.to_arrow()), share, draw_id="d", seed="s", random_floor=Fraction(1, 2)).fetchall()
    assert found == draw(frame, share, draw_id="d", seed="s", random_floor=Fraction(1, 2)).rows()


# numbers


@pytest.mark.parametrize(
    ("ratio", "at_least", "at_most", "population", "number"),
    [
        ("1/100", None, None, 36, 1),  # rounded up
        ("1/100", None, None, 100, 1),  # and exact: a hundredth of a hundred is one
        ("1/100", None, None, 101, 2),
        ("7/100", None, None, 100, 7),  # in binary floats 0.07 * 100 is more than 7, and would draw 8
        ("1/50", 4, None, 7, 4),
        ("1/50", 9, None, 7, 7),  # never past the stratum
        ("1/3", None, 3, 13, 3),
        ("1/50", 4, 3, 100, None),  # cannot both hold
        ("1", None, None, 6, 6),
        ("0", None, None, 36, 0),
        ("0", 4, None, 36, 0),  # a ratio of 0 draws none
        ("1/3", None, 0, 9, 0),
        ("1/3", 2, 2, 0, 0),
    ],
)
def test_the_number_drawn(ratio: str, at_least: int | None, at_most: int | None, population: int, number: int | None) -> None:
    if number is None:
        with pytest.raises(ProblemError, match=r"at least 4 and at most 3 cannot both be drawn \[draw-quota\]"):
            Quota(Fraction(ratio), at_least, at_most)
    else:
        assert Quota(Fraction(ratio), at_least, at_most).number(population) == number


def test_the_chance_of_each_with_the_random_floor() -> None:
    # 2 of 20 and 3 of 6 are drawn; 21 remain, and a tenth of them, rounded up, are 3
    population, share = {"A": 20, "D": 6}, {"A": Quota(Fraction(1, 10)), "D": Quota(Fraction(1, 2))}
    assert floor_number(population, numbers_of(population, share), Fraction(1, 10)) == 3
    assert probabilities(population, share, Fraction(1, 10)) == {"A": Fraction(8, 35), "D": Fraction(4, 7)}  # 1/10 + 9/10 · 1/7 and 1/2 + 1/2 · 1/7
    assert probabilities(population, share) == {"A": Fraction(1, 10), "D": Fraction(1, 2)}


def test_nobody_remains_for_the_random_floor() -> None:
    found = draw(table({"a": "A", "b": "A"}), {"A": Quota(Fraction(1))}, draw_id="x", seed="y", random_floor=Fraction(1))
    assert found["stratum"].to_list() == ["A", "A"]
    assert probabilities({"A": 2}, {"A": Quota(Fraction(1))}, Fraction(1)) == {"A": 1}


def test_an_empty_frame_draws_nobody(kind: str, frames: Any) -> None:
    assert rows(frames, draw(frames.of(kind, table({})), {}, draw_id="x", seed="y", random_floor=Fraction(1, 2))) == []


# chance

SEEDS, OF, DRAWN = 2_000, 20, 4
# the 99.9 % point of chi-square with 19 degrees of freedom; each of 20 enterprises is expected 400 times
CRITICAL = 43.82


def test_the_draw_is_uniform_in_each_stratum() -> None:
    """Chi-square over 2,000 seeds. Drawn without replacement, counts vary less than multinomial ones: by (N - n) / (N - 1) of it, which is put right."""
    frame = table({f"{name}{number:02}": name for name in "AD" for number in range(OF)})
    share = {"A": Quota(Fraction(DRAWN, OF)), "D": Quota(Fraction(DRAWN, OF))}
    counts = dict.fromkeys(frame["enterprise"], 0)
    floors = dict.fromkeys(frame["enterprise"], 0)
    for seed in range(SEEDS):
        for name, _, key, _ in draw(frame, share, draw_id="uniform", seed=str(seed), random_floor=Fraction(1, 4)).iter_rows():
            (floors if name == "floor" else counts)[key] += 1
    expected = SEEDS * DRAWN / OF
    for name in "AD":
        seen = [count for key, count in counts.items() if key[0] == name]
        assert sum(seen) == SEEDS * DRAWN
        statistic = sum((count - expected) ** 2 for count in seen) / expected * (OF - 1) / (OF - DRAWN)
        assert statistic < CRITICAL
    # the floor draws 8 of the 32 that remain, so each enterprise in 8/40 of all draws; 39 degrees of freedom, 99.9 %: 72.05
    assert sum(floors.values()) == SEEDS * 8
    expected = SEEDS * 8 / 40
    assert sum((count - expected) ** 2 for count in floors.values()) / expected * 39 / 32 < 72.05


KEYS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"], exclude_characters="|\ufeff"), min_size=1, max_size=8)
FRAMES = st.dictionaries(KEYS, st.sampled_from(["A", "B", "C", "一"]), max_size=40)
SHARES = st.fractions(0, 1, max_denominator=50)


@given(FRAMES, st.lists(SHARES, min_size=4, max_size=4), SHARES, st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_what_holds_of_every_draw(frame: dict[str, str], shares: list[Fraction], floor: Fraction, random: Any) -> None:
    present = {name: Quota(share) for name, share in zip(["A", "B", "C", "一"], shares, strict=True) if name in frame.values()}
    found = draw(table(frame), present, draw_id="x", seed="y", random_floor=floor)
    turned = list(frame.items())
    random.shuffle(turned)
    assert draw(table(dict(turned)), present, draw_id="x", seed="y", random_floor=floor).equals(found)  # the order of the input does not matter
    keys = found["enterprise"].to_list()
    assert len(set(keys)) == len(keys)
    assert set(keys) <= set(frame)
    numbers = {name: quota.number(list(frame.values()).count(name)) for name, quota in present.items()}
    assert {name: found["stratum"].to_list().count(name) for name in present} == numbers
    assert found["stratum"].to_list().count("floor") == ceil(floor * (len(frame) - sum(numbers.values())))
    assert all(frame[key] == name for name, _, key, _ in found.iter_rows() if name != "floor")


# refusals

REFUSED = {
    "a bar in a key": ({"enterprise": ["a|b"], "stratum": ["A"]}, "draw-frame", "a|b holds `|`"),
    "a line break in a key": ({"enterprise": ["a\nb"], "stratum": ["A"]}, "draw-frame", r"a\nb holds `|`, a line break or a control character"),
    "a carriage return": ({"enterprise": ["a\rb"], "stratum": ["A"]}, "draw-frame", r"a\rb holds"),
    "another line break": ({"enterprise": ["a\u2028b"], "stratum": ["A"]}, "draw-frame", r"a\u2028b holds"),
    "a control character": ({"enterprise": ["a\x85b"], "stratum": ["A"]}, "draw-frame", r"a\x85b holds"),
    "a mark that readers drop": ({"enterprise": ["\ufeffa"], "stratum": ["A"]}, "draw-frame", r"\ufeffa holds"),
    "a bar in a stratum": ({"enterprise": ["a"], "stratum": ["A|B"]}, "draw-frame", "A|B holds `|`"),
    "an empty key": ({"enterprise": [""], "stratum": ["A"]}, "draw-frame", "the key is empty"),
    "no key": ({"enterprise": [None, "a"], "stratum": ["A", "A"]}, "draw-frame", "the key is empty"),
    "no stratum": ({"enterprise": ["a", "b"], "stratum": [None, "A"]}, "draw-frame", "key `a`, column `stratum`: the stratum is empty"),
    "the name of the floor": ({"enterprise": ["a"], "stratum": ["floor"]}, "draw-frame", "a stratum may not be called `floor`"),
    "a doubled key": ({"enterprise": ["a", "b", "a"], "stratum": ["A", "A", "B"]}, "draw-frame", "key `a`: the key stands in more than one row"),
    "a stratum without a quota": ({"enterprise": ["a", "b"], "stratum": ["A", "B"]}, "draw-quota", "the stratum `B` has no quota"),
    "a quota without a stratum": ({"enterprise": ["a"], "stratum": ["B"]}, "draw-quota", "nobody is in the stratum `A`"),
    "another kind of column": ({"enterprise": [1.5], "stratum": ["A"]}, "draw-frame", "the column holds float64 values"),
    "no such column": ({"enterprize": ["a"], "stratum": ["A"]}, "key-column", "did you mean `enterprize`?"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_frame_that_cannot_be_drawn_from(name: str) -> None:
    columns, code, words = REFUSED[name]
    with pytest.raises(ProblemError) as caught:
        draw(pl.DataFrame(columns), {"A": Quota(Fraction(1))}, draw_id="x", seed="y")
    assert code in {problem.code for problem in caught.value.problems}
    assert words in str(caught.value)


def test_every_kind_of_table_finds_what_cannot_be_drawn_from(kind: str, frames: Any) -> None:
    unfit = ["a|b", "a\nb", "a\u2028b", "a\x85b", "\ufeffa"]
    columns = {"enterprise": [*unfit, "a", "企 \u3000", None], "stratum": ["A"] * 7 + [None]}
    with pytest.raises(ProblemError) as caught:
        draw(frames.of(kind, pl.DataFrame(columns).head(7)), {"A": Quota(Fraction(1))}, draw_id="x", seed="y")
    assert {problem.message for problem in caught.value.problems} == {f"{ascii(key)[1:-1]} holds `|`, a line break or a control character" for key in unfit}
    with pytest.raises(ProblemError) as caught:
        draw(frames.of(kind, pl.DataFrame(columns).tail(3)), {"A": Quota(Fraction(1))}, draw_id="x", seed="y")
    assert [problem.message for problem in caught.value.problems] == ["the key is empty", "the stratum is empty"]
    with pytest.raises(ProblemError, match=r"key `a`: the key stands in more than one row \[draw-frame\]"):
        draw(frames.of(kind, table({"b": "A"}).extend(table({"a": "A"})).extend(table({"a": "B"}))), {}, draw_id="x", seed="y")


@pytest.mark.parametrize(
    ("draw_id", "seed", "words"),
    [
        ("x", "", "the seed is empty"),
        ("x", " \t", "the seed is empty"),
        ("x", "1\n2", "the seed holds a line break or a control character"),
        ("x", "1 ", "the seed begins or ends with a blank"),
        ("", "y", "the draw id is empty"),
        ("a|b", "y", "the draw id `a|b` holds `|`"),
        ("a/floor", "y", "the draw id `a/floor` holds `|` or ends with `/floor`"),
    ],
)
def test_a_draw_id_or_a_seed_that_cannot_be_used(draw_id: str, seed: str, words: str) -> None:
    with pytest.raises(ProblemError) as caught:
        draw(table({"a": "A"}), {"A": Quota(Fraction(1))}, draw_id=draw_id, seed=seed)
    assert [problem.code for problem in caught.value.problems] == ["option-wrong"]
    assert words in str(caught.value)


def test_what_is_no_table_and_a_column_that_is_there_already() -> None:
    with pytest.raises(ProblemError, match=r"`builtins.list` is not a table that can be drawn from \[frame-unsupported\]"):
        draw([1], {}, draw_id="x", seed="y")
    with pytest.raises(ProblemError, match="column-clash"):
        tickets(pd.DataFrame({"enterprise": ["a"], "ticket": ["t"]}), "x", "y")
    with pytest.raises(ProblemError, match=r"the ratio 3/2 is not between 0 and 1 \[draw-quota\]"):
        Quota(Fraction(3, 2))
    with pytest.raises(ProblemError, match=r"the random floor 2 is not between 0 and 1 \[draw-quota\]"):
        floor_number({"A": 1}, {"A": 0}, Fraction(2))


# manifests


def test_a_manifest_is_sorted_by_bytes_and_read_back(kind: str, frames: Any, tmp_path: Path) -> None:
    path = tmp_path / "x.manifest.txt"
    frame = table({"b": "B", "企": "A", "a": "A", "a!": "B", "𝒳": "A", "\uff5e": "A", "'\"": "A,x"})
    write_manifest(frames.of(kind, frame), path)
    assert path.read_bytes() == "'\"|A,x\na!|B\na|A\nb|B\n企|A\n\uff5e|A\n𝒳|A\n".encode()
    assert read_manifest(path).sort("enterprise").equals(frame.sort("enterprise"))


@pytest.mark.parametrize(
    "text", [b"b|B\na|A\n", b"a|A", b"a|A\n\n", b"\xef\xbb\xbfa|A\n", b"a|A|x\n", b"a\n", b"a|A\r\nb|B\n", b"\xff|A\n"],
    ids=["unsorted", "no end", "blank line", "mark", "two bars", "no bar", "carriage return", "no UTF-8"],
)  # fmt: skip
def test_a_file_that_is_no_manifest(tmp_path: Path, text: bytes) -> None:
    from regengine.inspection.draw.frame import checked, framed

    path = tmp_path / "x.manifest.txt"
    path.write_bytes(text)
    with pytest.raises(ProblemError) as caught:
        checked(framed(read_manifest(path), "enterprise", "stratum")[1])
    assert {problem.code for problem in caught.value.problems} <= {"draw-record", "draw-frame"}
