"""What is done with a draw: commit to it, reveal it, replace one who cannot be visited, and check it; see `form` for its files.

Guarantees: records are only appended to, a whole line at once, and only to the state that was read; manifest and drawn file take their names when they
are whole. What fails leaves every record as it was: of several draws that are revealed together all are, or none.

Refuses: a seed that another record of the folder has revealed, unless the two are revealed together: it was known before this draw was committed to.
"""

from __future__ import annotations

import datetime as dt
import os
import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

from ...problems import Place, Problem, ProblemError, one_problem
from ..rules import PlanRules
from .check import drawn_by, manifest_of, next_by_ticket, standing_strata, verify, verify_one
from .form import DRAWN, MANIFEST, NAME, RECORD, Commitment, Draw, Entry, Redraw, Reveal, as_line, draw_of, read_draw
from .frame import sha256_of, write_manifest
from .sample import Quota, probabilities
from .tickets import check_draw_id, check_line, check_seed

__all__ = ["Draw", "check_rulebook", "commit", "read_draw", "redraw", "reveal", "verify", "verify_one"]


def commit(
    folder: Path,
    name: str,
    frame: Any,
    quotas: Mapping[str, Quota],
    *,
    draw_id: str,
    random_floor: Fraction | None,
    rules: PlanRules,
    law_at: dt.date,
    as_of: dt.date,
    seed_from: str,
    alike: bool = False,
) -> Draw:
    """Write the manifest of a table with `enterprise` and `stratum`, and the record `NAME.draw.jsonl` with the commitment. Publish both before the seed exists.

    `frame` may be of any kind that `draw` takes. Raises `ProblemError`: `option-wrong` for a name, a draw id or a source of the seed that cannot be used,
    or a draw id that another record of the folder has (with `alike`, one that is not revealed may have it: departments that draw alike);
    `output-exists`, `draw-frame`, `draw-quota`, `output-failed`.
    """
    if not re.fullmatch(NAME, name):
        raise one_problem("option-wrong", f"`{name}` cannot be the name of a draw", hint="use small letters, digits and `-`", place=Place(field="name"))
    check_draw_id(draw_id)
    check_line("where the seed will come from", seed_from, "seed_from")
    for ending in (RECORD, MANIFEST, DRAWN):
        if (path := folder / f"{name}{ending}").exists():
            raise one_problem("output-exists", "this belongs to another draw", place=Place(str(path)), hint="give another name; a record is never replaced")
    for other in records(folder):
        if other.commitment.draw_id == draw_id and not (alike and other.revealed is None):
            raise one_problem("option-wrong", f"the draw id `{draw_id}` is that of another draw", place=Place(str(other.record)), hint="each draw has its own")
    with written(folder / f"{name}{MANIFEST}", folder / f"{name}{RECORD}") as (manifest, record):
        digest, population = write_manifest(frame, manifest)
        probabilities(population, quotas, random_floor)  # refuses quotas that do not fit
        entry = Commitment.model_validate(
            {
                "draw_id": draw_id, "manifest": f"{name}{MANIFEST}", "manifest_sha256": digest, "frame": population,
                "quotas": {one: {"ratio": str(quota.ratio), "at_least": quota.at_least, "at_most": quota.at_most} for one, quota in quotas.items()},
                "random_floor": None if random_floor is None else str(random_floor),
                "rulebook": {"id": rules.rulebook, "edition": rules.edition, "digest": rules.digest},
                "law_at": str(law_at), "as_of": str(as_of), "seed_from": seed_from, "previous": None,
            }
        )  # fmt: skip
        text = as_line(entry) + b"\n"
        record.write_bytes(text)
    return draw_of(folder, name, text)


def check_rulebook(draw: Draw, rules: PlanRules) -> None:
    """Raise `ProblemError` (`draw-rulebook`) unless these are the rules of the text to which the draw was committed."""
    said = draw.commitment.rulebook
    if rules.digest != said.digest:
        message = f"the draw was committed to `{said.id}` with the digest {said.digest}, and `{rules.rulebook}` has {rules.digest}"
        raise one_problem("draw-rulebook", message, place=Place(str(draw.record)), hint="reveal with the committed text, or commit a new draw")


def reveal(draws: Sequence[Draw], seed: str) -> list[Draw]:
    """Draw with the seed: write the drawn file of each draw, then append the reveal to each record; all draws or none.

    Raises `ProblemError`: `option-wrong` for a seed that cannot be used, `seed-used`, `draw-record` for a draw that is revealed already or whose files
    are not those of its record, `output-failed`.
    """
    check_seed(seed)
    if len({one.record.resolve() for one in draws}) < len(draws):
        raise one_problem("option-wrong", "a record is given twice")
    problems = [
        Problem("draw-record", f"the draw was revealed already, with the seed `{one.seed}`", Place(str(one.record)), "commit a new draw")
        for one in draws
        if one.revealed
    ]
    if problems := problems or used_seeds(draws, seed):
        raise ProblemError(problems)
    found = [drawn_by(one, manifest_of(one), seed) for one in draws]
    entries = []
    with written(*(one.drawn_file for one in draws)) as paths:
        for one, path, drawn in zip(draws, paths, found, strict=True):
            path.write_bytes(drawn.text)
            data = {"seed": seed, "drawn": drawn.numbers, "floor": drawn.floor, "drawn_file": one.drawn_file.name, "drawn_sha256": sha256_of(path)}
            entries.append((one, Reveal.model_validate({**data, "previous": one.last})))
    try:
        return append(entries)
    except ProblemError:
        for one in draws:
            one.drawn_file.unlink(missing_ok=True)
        raise


def used_seeds(draws: Sequence[Draw], seed: str) -> list[Problem]:
    """The records beside these draws that have revealed the seed."""
    own = {one.record.resolve() for one in draws}
    folders = {one.folder.resolve(): one.folder for one in draws}
    others = (other for folder in folders.values() for other in records(folder) if other.record.resolve() not in own)
    return [
        Problem("seed-used", f"the seed was revealed for the draw `{other.commitment.draw_id}`", Place(str(other.record)), "take a later public value")
        for other in others
        if other.seed == seed
    ]


def redraw(draw: Draw, key: str, reason: str) -> Draw:
    """Replace a drawn enterprise that cannot be visited by the next ticket of its stratum, and append that to the record with the reason.

    Raises `ProblemError`: `option-wrong` for one who is not to be visited, for a reason that is empty, and where nobody is left; `draw-record`.
    """
    check_line("the reason", reason, "reason")
    drawn, frame = draw.drawn(), manifest_of(draw)
    stratum = standing_strata(drawn, draw.redraws).get(key)
    if stratum is None:
        raise one_problem("option-wrong", "the enterprise is not drawn, or was replaced already", place=Place(str(draw.record), key=key))
    following = next_by_ticket(draw, frame, drawn, stratum, draw.redraws)
    if following is None:
        raise one_problem("option-wrong", f"nobody is left in `{stratum}` who could take its place", place=Place(str(draw.record), key=key))
    data = {"stratum": stratum, "out": key, "in": following[0], "ticket": following[1], "reason": reason, "previous": draw.last}
    return append([(draw, Redraw.model_validate(data))])[0]


def records(folder: Path) -> Iterator[Draw]:
    """The draws whose records are in a folder."""
    for path in sorted(folder.glob(f"*{RECORD}")):
        yield read_draw(path)


@contextmanager
def written(*finals: Path) -> Iterator[list[Path]]:
    """Paths beside some files, which take their names when the block ends well and go when it does not. Raises `ProblemError` (`output-failed`)."""
    beside = [final.with_name(f".{final.name}.{secrets.token_hex(4)}.part") for final in finals]
    try:
        finals[0].parent.mkdir(parents=True, exist_ok=True)
        yield beside
        for path, final in zip(beside, finals, strict=True):
            with path.open("rb") as stream:
                os.fsync(stream.fileno())
            path.replace(final)
    except OSError as error:
        raise failed(finals[0], error) from None
    finally:
        for path in beside:
            path.unlink(missing_ok=True)


def append(entries: Sequence[tuple[Draw, Entry]]) -> list[Draw]:
    """Append a line to each record, or to none. Raises `ProblemError`: `draw-record` where a record is not as it was read, `output-failed`."""
    lines = [as_line(entry) + b"\n" for _, entry in entries]
    with ExitStack() as stack:
        files = []
        for draw, _ in entries:
            try:
                file = stack.enter_context(draw.record.open("r+b", buffering=0))
            except OSError as error:
                raise failed(draw.record, error) from None
            if file.read() != draw.text:
                raise one_problem("draw-record", "the record changed after it was read", place=Place(str(draw.record)), hint="read it again")
            files.append(file)
        try:
            for file, line in zip(files, lines, strict=True):
                while line := line[file.write(line) :]:  # one write, unless the disk is full: then the next one says why
                    pass
                os.fsync(file.fileno())
        except OSError as error:
            for (draw, _), file in zip(entries, files, strict=True):
                file.truncate(len(draw.text))  # no line, or part of one, of a call that failed
            raise failed(entries[0][0].record, error) from None
    return [draw_of(draw.folder, draw.name, draw.text + line) for (draw, _), line in zip(entries, lines, strict=True)]


def failed(path: Path, error: OSError) -> ProblemError:
    return one_problem("output-failed", f"the file could not be written: {(error.strerror or str(error)).lower()}", place=Place(str(path)))
