"""The grades of a DMN engine beside those of regengine, for enterprises drawn by chance: `python -m tests.exchange.compare_dmn`.

The suite does the same with fewer, since the engine is slow. Prints how many have each grade and what an enterprise took. Exit code 1
where one has another grade; its facts are printed.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any
from xml.etree import ElementTree as Xml

from click import echo

import regengine as rg
from regengine.exchange.dmn import day_name, to_dmn
from regengine.intake.one import reader
from regengine.rulebook.values import day_number, months_before

NS = {"": "https://www.omg.org/spec/DMN/20230324/MODEL/"}
AS_OF = dt.date(2026, 3, 31)


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--rulebook", default="cn/henan-2022")
    options.add_argument("--enterprises", type=int, default=1_000)
    options.add_argument("--seed", type=int, default=7)
    chosen = options.parse_args()
    found: Counter[str] = Counter()
    wrong = 0
    with TemporaryDirectory() as folder:
        decided = compared(rg.load(chosen.rulebook), chosen.enterprises, Path(folder), chosen.seed)
        start = time.process_time()
        for facts, said, grade in decided:
            found[grade] += 1
            if said != grade:
                wrong += 1
                echo(f"the DMN engine says {said} and regengine {grade}: {facts}")
    took = (time.process_time() - start) / chosen.enterprises
    echo(f"{chosen.rulebook}: {chosen.enterprises - wrong:,} of {chosen.enterprises:,} grades are the same, {took:.2f} s of processor for each")
    echo(", ".join(f"{grade} {count:,}" for grade, count in sorted(found.items())))
    return 1 if wrong else 0


def compared(book: rg.Book, count: int, folder: Path, seed: int = 7) -> Iterator[tuple[dict[str, Any], str, str]]:
    """Facts of enterprises, each with the grade of the DMN engine (or what it could not do) and that of regengine."""
    draw, made = Random(seed), to_dmn(book)
    names = dict(made.names)
    inputs = {one.get("name") for one in Xml.fromstring(made.text).findall("inputData", NS)}
    reads = engine(folder / "model.dmn", made.text)

    def one() -> tuple[dict[str, Any], str, str]:
        facts = drawn(book, draw)
        status, decisions = reads.decide({key: value for key, value in given(book, facts, names).items() if key in inputs})
        return facts, str(status) if status else decisions[-1]["Result"]["grade"], str(book.decide(facts, as_of=AS_OF).grade)

    return (one() for _ in range(count))


def engine(path: Path, text: str) -> Any:
    """A DMN engine that has read the model."""
    import pyDMNrules

    path.write_text(text, encoding="utf-8")
    made = pyDMNrules.DMN()
    assert made.loadXML(str(path)) == {}
    return made


def drawn(book: rg.Book, draw: Random) -> dict[str, Any]:
    """The facts of an enterprise: small numbers mostly, few things that hold, some facts missing."""
    facts: dict[str, Any] = {}
    for fact in book.program.facts:
        if fact.missing != "reject" and draw.random() < 0.15:
            continue
        low, high = fact.low or 0, min(fact.high or 0, 200 * 10**fact.places)
        match fact.type:
            case "boolean":
                facts[fact.name] = draw.random() < 0.03
            case "integer":
                facts[fact.name] = min(high, max(low, draw.choice([0, 0, 0, draw.randint(0, 3), draw.randint(0, 12), draw.randint(low, high)])))
            case "decimal":
                facts[fact.name] = min(high, max(low, draw.choice([0, 10**fact.places, draw.randint(low, high)]))) / 10**fact.places
            case "category":
                facts[fact.name] = draw.choice(fact.values or ())
            case "date":
                facts[fact.name] = str(AS_OF - dt.timedelta(days=draw.choice([0, 365, draw.randint(-400, 5000)])))
            case _:
                facts[fact.name] = draw.choice(["none", "91410100MA0000000X"])
    return facts


def given(book: rg.Book, facts: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    """The facts of an enterprise as the model takes them."""
    program = book.program
    values = reader(program.facts).read(facts, "enterprise").values
    places = {f"fact.{fact.name}": fact.places for fact in program.facts}
    made = {names[name]: value / 10 ** places[name] if places.get(name) else value for name, value in zip(program.inputs, values, strict=True)}
    days = {day_name(day): day_number(months_before(AS_OF, day.months)) - day.days for day in program.days}
    return {**made, **days}


if __name__ == "__main__":
    sys.exit(main())
