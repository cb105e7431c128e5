"""The record of a draw: its entries, and a draw as it stands in the folder of its files.

A draw NAME is three files: `NAME.manifest.txt`, the record `NAME.draw.jsonl`, and once it is revealed `NAME.drawn.csv`. Each line of the record is
canonical JSON (RFC 8785) and has the SHA-256 of the line before: a commitment, a reveal, and any number of redraws.

Guarantees: what `read_draw` gives is in its form and its chain holds. Does not guarantee that nobody wrote another record: whoever keeps the
SHA-256 of the last line, or a copy of the commitment, can tell. Whether the draw is what the record says is for `verify`.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal

import polars as pl
from pydantic import Field, ValidationError

from ...intake.files import as_problems
from ...problems import Place, one_problem
from ...rulebook.load import canonical_json
from ...rulebook.parts import DayText, Form, Ratio
from .frame import sha256_of
from .sample import ALGORITHM, Quota

__all__ = ["Commitment", "Draw", "Entry", "QuotaUsed", "Redraw", "Reveal", "RulebookUsed", "as_line", "line_hash", "read_draw"]

NAME = r"[a-z][a-z0-9-]*"
MANIFEST, RECORD, DRAWN = ".manifest.txt", ".draw.jsonl", ".drawn.csv"
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Many = Annotated[int, Field(strict=True, ge=0)]


class QuotaUsed(Form):
    """A stratum's quota as it was committed to."""

    ratio: Ratio
    at_least: Many | None = None
    at_most: Many | None = None


class RulebookUsed(Form):
    """The rulebook by which is drawn, and the digest of its law."""

    id: str
    edition: str
    digest: Sha256


class Entry(Form):
    """A line of a record, with the SHA-256 of the line before."""

    previous: Sha256 | None


class Commitment(Entry):
    """What is published before the seed exists. `frame` is how many each stratum holds."""

    entry: Literal["commitment"] = "commitment"
    algorithm: Literal["sha256-ticket-1"] = ALGORITHM
    draw_id: str
    manifest: str
    manifest_sha256: Sha256
    frame: Mapping[str, Many]
    quotas: Mapping[str, QuotaUsed]
    random_floor: Ratio | None
    rulebook: RulebookUsed
    law_at: DayText
    as_of: DayText
    seed_from: str
    previous: None = None


class Reveal(Entry):
    """The seed, how many it drew of each stratum and by the random floor, and the file that names them."""

    entry: Literal["reveal"] = "reveal"
    seed: str
    drawn: Mapping[str, Many]
    floor: Many
    drawn_file: str
    drawn_sha256: Sha256
    previous: Sha256


class Redraw(Entry):
    """An enterprise that was drawn and cannot be visited (`out`), and the next by ticket, which takes its place (`into`)."""

    entry: Literal["redraw"] = "redraw"
    stratum: str
    out: str
    into: str = Field(alias="in")
    ticket: Sha256
    reason: str
    previous: Sha256


KINDS: Mapping[str, type[Entry]] = MappingProxyType({"commitment": Commitment, "reveal": Reveal, "redraw": Redraw})


@dataclass(frozen=True, slots=True)
class Draw:
    """A draw as its record tells it; `text` is the record as it was read."""

    folder: Path
    name: str
    commitment: Commitment
    revealed: Reveal | None
    redraws: tuple[Redraw, ...]
    text: bytes

    @property
    def record(self) -> Path:
        return self.folder / f"{self.name}{RECORD}"

    @property
    def manifest(self) -> Path:
        return self.folder / f"{self.name}{MANIFEST}"

    @property
    def drawn_file(self) -> Path:
        return self.folder / f"{self.name}{DRAWN}"

    @property
    def seed(self) -> str | None:
        """The seed, once it is revealed."""
        return self.revealed.seed if self.revealed else None

    @property
    def last(self) -> str:
        """SHA-256 of the last line of the record: keep it elsewhere, and nobody can write another record unseen."""
        return line_hash(self.text.splitlines()[-1])

    @property
    def quotas(self) -> dict[str, Quota]:
        return {name: Quota(used.ratio, used.at_least, used.at_most) for name, used in self.commitment.quotas.items()}

    @property
    def random_floor(self) -> Fraction | None:
        return self.commitment.random_floor

    def drawn(self) -> pl.DataFrame:
        """The drawn file: `stratum`, `position`, `enterprise`, `ticket`, `probability`. Redraws are not in it.

        Raises `ProblemError`: `draw-record` where nothing is revealed yet or the file is not the one of the record, `file-missing`.
        """
        revealed = self.must_be_revealed()
        found = sha256_of(self.drawn_file)
        if found != revealed.drawn_sha256:
            raise one_problem("draw-record", f"the drawn file has SHA-256 {found}, the record says {revealed.drawn_sha256}", place=Place(str(self.drawn_file)))
        with as_problems(self.drawn_file):
            return pl.read_csv(self.drawn_file, infer_schema=False, glob=False).with_columns(pl.col("position").cast(pl.Int64))

    def must_be_revealed(self) -> Reveal:
        """The reveal. Raises `ProblemError` (`draw-record`) where there is none."""
        if self.revealed is None:
            raise one_problem("draw-record", "the draw is not revealed yet", place=Place(str(self.record)), hint="reveal it with the seed")
        return self.revealed


def as_line(entry: Entry) -> bytes:
    """An entry as its line, without the line feed; bounds that a quota does not have are left out."""
    made = entry.model_dump(mode="json", by_alias=True)
    if "quotas" in made:
        made["quotas"] = {name: {key: value for key, value in quota.items() if value is not None} for name, quota in made["quotas"].items()}
    return canonical_json(made)


def line_hash(line: bytes) -> str:
    return hashlib.sha256(line).hexdigest()


def read_draw(path: Path) -> Draw:
    """The draw whose record is at `path`. Raises `ProblemError`: `file-missing`, and `draw-record` with the line that is wrong."""
    found = re.fullmatch(rf"({NAME}){re.escape(RECORD)}", path.name)
    if not found:
        raise one_problem("option-wrong", f"`{path.name}` is not the name of a draw's record", place=Place(str(path)), hint=f"records are called NAME{RECORD}")
    try:
        text = path.read_bytes()
    except OSError as error:
        raise one_problem("file-missing", f"the record cannot be read: {error.strerror or error}", place=Place(str(path))) from None
    return draw_of(path.parent, found[1], text)


def draw_of(folder: Path, name: str, text: bytes) -> Draw:
    """A draw from the text of its record."""
    path = folder / f"{name}{RECORD}"
    *lines, rest = text.split(b"\n")
    if rest or not lines:
        what = "the last line is cut short: it was not written whole" if rest else "the record is empty"
        hint = "what stands above it holds; take the published copy, or cut the line off" if rest and lines else None
        raise one_problem("draw-record", what, place=Place(str(path), len(lines) + 1), hint=hint)
    entries: list[Entry] = []
    for number, line in enumerate(lines):
        place = Place(str(path), number + 1)
        entry = entry_of(line, ("commitment", "reveal", "redraw")[min(number, 2)], place)
        if number and entry.previous != line_hash(lines[number - 1]):
            message = f"the line says that the one before has SHA-256 {entry.previous}, and it has {line_hash(lines[number - 1])}"
            raise one_problem("draw-record", message, place=place, hint="a line was changed, left out or moved")
        entries.append(entry)
    commitment, revealed, *redraws = [*entries, None] if len(entries) == 1 else entries
    assert isinstance(commitment, Commitment)
    assert revealed is None or isinstance(revealed, Reveal)
    for says, file in ((commitment.manifest, MANIFEST), (revealed.drawn_file if revealed else None, DRAWN)):
        if says not in (None, f"{name}{file}"):
            raise one_problem("draw-record", f"the record names `{says}` where `{name}{file}` belongs", place=Place(str(path)), hint="keep the names of files")
    return Draw(folder, name, commitment, revealed, tuple(one for one in redraws if isinstance(one, Redraw)), text)


def entry_of(line: bytes, kind: str, place: Place) -> Entry:
    """A line as the entry of its kind. Raises `ProblemError` (`draw-record`)."""

    def wrong(message: str) -> Exception:
        return one_problem("draw-record", message, place=place, hint="the record was changed; take the published copy")

    try:
        data: Any = json.loads(line)
        same = canonical_json(data) == line
    except (ValueError, RecursionError):
        raise wrong("the line is not JSON as a record holds it") from None
    if not isinstance(data, dict) or data.get("entry") != kind:
        raise wrong(f"the line is not a {kind}")
    if not same:
        raise wrong("the line is not written as a record writes it")
    try:
        return KINDS[kind].model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise wrong(f"the {kind} is not in its form: `{where}` is not as it should be") from None
