"""A million decisions over generated rulebooks, on every engine: `make conformance`.

Prints for each engine how many enterprises it graded and rejected, and a digest over all that it said; equal digests are
equal results. Each rulebook is also compared row by row, so that the first difference is shown with its seed. The naive
interpreter and durable-rules take a sample of each rulebook, Spark each tenth rulebook whole; `--whole` has all of them take
everything (an hour and more). Exit code 1 where anything differs.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from click import echo

from .engines import ENGINES, Engine, Split, Table, pyspark, spark_session
from .form import load_schemes
from .generate import AS_OF, generated, people

SAMPLED = {"naive": 40, "durable": 4}  # how many enterprises of each rulebook the slow ones take
SPARK_TAKES = 10  # each so many rulebooks, all enterprises of one: its plan of a rulebook costs more than its running


@dataclass
class Tally:
    """What one engine said, over all rulebooks."""

    graded: int = 0
    rejected: int = 0
    seconds: float = 0.0
    digest: hashlib._Hash = field(default_factory=hashlib.sha256)

    def add(self, split: Split) -> None:
        self.graded += len(split.graded)
        self.rejected += len(split.rejects)
        self.digest.update(split.graded.write_csv().encode())
        self.digest.update("".join(f"{key}:{'; '.join(sorted(why))}\n" for key, why in sorted(split.rejects.items())).encode())


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--rulebooks", type=int, default=250)
    options.add_argument("--people", type=int, default=4_000, help="enterprises for each rulebook")
    options.add_argument("--first", type=int, default=0, help="the first seed")
    options.add_argument("--engines", default=",".join([*ENGINES, "pyspark"]))
    options.add_argument("--whole", action="store_true", help="no samples: every engine takes every enterprise of every rulebook")
    chosen = options.parse_args()
    sampled, spark_takes = ({}, 1) if chosen.whole else (SAMPLED, SPARK_TAKES)
    names = chosen.engines.split(",")
    with TemporaryDirectory() as folder, engines_of(names) as engines:
        tallies = {name: Tally() for name in names}
        wrong = 0
        for seed in range(chosen.first, chosen.first + chosen.rulebooks):
            wrong += compare(seed, chosen.people, engines, tallies, Path(folder), sampled, spark_takes)
            if sys.stderr.isatty():
                echo(f"\r{seed - chosen.first + 1} of {chosen.rulebooks} rulebooks", nl=False, err=True)
    total = chosen.rulebooks * chosen.people
    echo(f"{chosen.rulebooks} rulebooks from seed {chosen.first}, {chosen.people:,} enterprises each: {total:,} decisions")
    for name, tally in tallies.items():
        rare = name == "pyspark" and spark_takes > 1
        sample = f"  (sample of {sampled[name]} each)" if name in sampled else f"  (each {spark_takes}th rulebook)" if rare else ""
        echo(f"{name:12} {tally.graded:>9,} graded {tally.rejected:>7,} rejected {tally.seconds:>8.1f} s  {tally.digest.hexdigest()[:16]}{sample}")
    echo("all engines agree" if not wrong else f"{wrong} rulebooks on which an engine differs")
    return 1 if wrong else 0


@contextmanager
def engines_of(names: list[str]) -> Iterator[dict[str, Engine]]:
    """The engines by name; Spark is started where it is asked for, and stopped."""
    session = spark_session() if "pyspark" in names else None
    found = ENGINES | ({"pyspark": pyspark(session)} if session else {})
    try:
        yield {name: found[name] for name in names}
    finally:
        if session:
            session.stop()


def compare(seed: int, size: int, engines: dict[str, Engine], tallies: dict[str, Tally], folder: Path, sampled: dict[str, int], spark_takes: int) -> bool:
    """Run one rulebook on every engine; whether any differs from the first that takes all enterprises."""
    draw = Random(seed)
    made = generated(draw, f"g{seed}")
    scheme = load_schemes(made.rulebooks, folder)[made.name]
    table = Table(scheme.book.facts, people(draw, made, size))
    first: Split | None = None
    wrong = False
    for name, engine in sorted(engines.items(), key=lambda one: one[0] in sampled):
        if name == "pyspark" and seed % spark_takes:
            continue
        some = table if name not in sampled else Table(table.facts, table.rows[: sampled[name]])
        start = time.perf_counter()
        found = engine(scheme, some, AS_OF, AS_OF)
        tallies[name].seconds += time.perf_counter() - start
        tallies[name].add(found)
        first = first or found
        if not same(found, first, {row["enterprise"] for row in some.rows}):
            echo(f"seed {seed}: {name} differs from {next(one for one in engines if one not in sampled)}")
            wrong = True
    return wrong


def same(found: Split, first: Split, keys: set[str]) -> bool:
    """Whether two results are equal on some enterprises."""
    expected = first.graded.filter(first.graded["enterprise"].is_in(sorted(keys)))
    return found.graded.equals(expected) and found.rejects == {key: why for key, why in first.rejects.items() if key in keys}


if __name__ == "__main__":
    sys.exit(main())
