"""The run record: what a run read, by which law, and what it wrote, bound together by SHA-256.

Guarantees: `record.json` is canonical JSON (RFC 8785) and holds no clock, no path, no name of a machine or a person, so
that equal runs have equal records. It is written last, into a folder that gets its final name by a rename when all is
there: what stands under the final name is complete. A run that fails leaves what was there before.

Does not guarantee: that nobody wrote another folder with a record to match. Keep the SHA-256 of the record itself, which
`regengine run` prints, somewhere else; or run the scenario again (`regengine verify` does). Nor that another version of
Polars writes the same bytes: the versions are recorded, so that such a difference can be explained. A process that is
killed may leave a hidden folder `.NAME.….tmp` beside the output; when it is killed between the two renames of a
replacement, the earlier output stands in `.NAME.….old`.

Refuses: to replace a folder that holds anything an earlier run did not write; to read a record that is not in its form or
names a file outside its folder.
"""

from __future__ import annotations

import hashlib
import os
import platform
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, ValidationError, model_validator

from .problems import Place, Problem, ProblemError, one_problem
from .rulebook.load import canonical_json
from .rulebook.parts import Form

__all__ = [
    "FILE_NAME", "RECORD", "REPORT", "FileHash", "Record", "Rows", "RulebookUsed", "ScenarioUsed", "Synthesised", "check_files", "digest_of",
    "files_of", "hash_of", "output_folder", "read_record", "sha256_of", "versions_here", "write_record",
]  # fmt: skip

RECORD, REPORT = "record.json", "report.json"
FILE_NAME = r"^[^./\\\x00-\x1f][^/\\\x00-\x1f]{0,199}$"  # a plain name: never a path, never hidden
MOST_BYTES = 1_000_000

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
FileName = Annotated[str, Field(pattern=FILE_NAME)]
Size = Annotated[int, Field(strict=True, ge=0)]


class FileHash(Form):
    """A file by its name, its length in bytes and its SHA-256."""

    name: FileName
    bytes: Size
    sha256: Sha256


class Synthesised(Form):
    """A synthetic population by its name, size and seed, and the SHA-256 over all that was made (see `digest_of`)."""

    synth: str
    size: Size
    seed: Size
    sha256: Sha256


class ScenarioUsed(Form):
    """The scenario and the SHA-256 of its file."""

    id: str
    sha256: Sha256


class RulebookUsed(Form):
    """The rulebook, its edition, and the digest of its law on the day of the run."""

    id: str
    edition: str
    digest: Sha256


class Rows(Form):
    """How many rows came in, were graded, and were rejected: the first is the sum of the others."""

    came_in: Size = Field(alias="in")
    graded: Size
    rejected: Size

    @model_validator(mode="after")
    def balanced(self) -> Self:
        if self.came_in != self.graded + self.rejected:
            raise ValueError("rows do not add up")
        return self


class Record(Form):
    """A run record; `record` is the version of this form."""

    record: Literal[1] = 1
    scenario: ScenarioUsed
    rulebook: RulebookUsed
    law_at: str
    as_of: str
    inputs: tuple[FileHash | Synthesised, ...]
    outputs: tuple[FileHash, ...]
    rows: Rows
    versions: dict[str, str]

    def as_bytes(self) -> bytes:
        """The record as it stands in its file."""
        return canonical_json(self.model_dump(mode="json", by_alias=True))


def versions_here(*more: str) -> dict[str, str]:
    """The versions of what has a part in the bytes that are written; `more` are packages that only some runs use."""
    return {"python": platform.python_version(), **{name: version(name) for name in sorted(("narwhals", "polars", "pydantic", "regengine", *more))}}


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def files_of(path: Path) -> list[Path]:
    """The file itself, or the files of a folder in the order of their names."""
    return [path] if path.is_file() else sorted((file for file in path.rglob("*") if file.is_file()), key=lambda file: file.relative_to(path).as_posix())


def digest_of(path: Path) -> str:
    """SHA-256 of a file; of a folder, that of what `sha256sum` prints for its files, a line `SHA-256  NAME` for each in the order of their names."""
    if path.is_file():
        return sha256_of(path)
    lines = "".join(f"{sha256_of(file)}  {file.relative_to(path).as_posix()}\n" for file in files_of(path))
    return hashlib.sha256(lines.encode()).hexdigest()


def hash_of(path: Path, name: str | None = None) -> FileHash:
    """A file, or a folder of files as one, with its hash, under `name` where its own is of no matter."""
    return FileHash(name=name or path.name, bytes=sum(file.stat().st_size for file in files_of(path)), sha256=digest_of(path))


def write_record(folder: Path, record: Record) -> str:
    """Write the record of a run into its folder; returns the SHA-256 of the record."""
    data = record.as_bytes()
    (folder / RECORD).write_bytes(data)
    return hashlib.sha256(data).hexdigest()


def read_record(folder: Path) -> Record:
    """The record of an output folder.

    Raises `ProblemError`: `file-missing` without a record, `file-unreadable` where it is not in the form of one.
    """
    path = folder / RECORD
    place = Place(str(path))
    try:
        with path.open("rb") as stream:
            data = stream.read(MOST_BYTES + 1)
    except OSError as error:
        raise one_problem(
            "file-missing", f"cannot read the run record: {error.strerror or error}", place=place, hint="give the folder that `regengine run` wrote"
        ) from None
    if len(data) > MOST_BYTES:
        raise one_problem("file-unreadable", f"the run record is over {MOST_BYTES:,} bytes", place=place)
    try:
        return Record.model_validate_json(data)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise one_problem("file-unreadable", "this is not a run record" + (f": `{where}` is not as it should be" if where else ""), place=place) from None


def check_files(folder: Path, record: Record) -> list[Problem]:
    """Every difference between a folder and its record: a changed, missing or additional file, or a record that was edited."""
    problems: list[Problem] = []
    if (folder / RECORD).read_bytes() != record.as_bytes():
        problems.append(differs(folder / RECORD, "the record is not written as a run writes it"))
    names = {output.name for output in record.outputs}
    for output in record.outputs:
        path = folder / output.name
        if not path.is_file():
            problems.append(differs(path, "the file is in the record and not in the folder"))
        elif path.stat().st_size != output.bytes:
            problems.append(differs(path, f"the file has {path.stat().st_size:,} bytes, the record says {output.bytes:,}"))
        elif (found := sha256_of(path)) != output.sha256:
            problems.append(differs(path, f"the file has SHA-256 {found}, the record says {output.sha256}"))
    for path in sorted(folder.iterdir()):
        if path.name != RECORD and path.name not in names:
            problems.append(differs(path, "the file is in the folder and not in the record"))
    return problems


def differs(path: Path, message: str) -> Problem:
    return Problem("record-differs", message, Place(str(path)))


@contextmanager
def output_folder(out: Path) -> Iterator[Path]:
    """A new folder beside `out` that takes its name when the block ends well, and is removed when it does not.

    Raises `ProblemError`: `output-exists` where `out` holds anything but an earlier run, `output-failed` where the folder
    cannot be made, written into or renamed.
    """
    final = Path(os.path.abspath(out))
    refuse_foreign(final, out)
    made = beside(final, "tmp")
    try:
        made.mkdir(parents=True)
        yield made
        refuse_foreign(final, out)
        put_in_place(made, final)
    except OSError as error:
        raise one_problem("output-failed", f"cannot write here: {error.strerror or error}", place=Place(str(out))) from None
    finally:
        shutil.rmtree(made, ignore_errors=True)


def beside(final: Path, ending: str) -> Path:
    return final.parent / f".{final.name}.{secrets.token_hex(4)}.{ending}"


def put_in_place(made: Path, final: Path) -> None:
    if not final.exists():
        made.rename(final)
        return
    old = beside(final, "old")
    final.rename(old)
    try:
        made.rename(final)
    except OSError:
        old.rename(final)
        raise
    shutil.rmtree(old)


def refuse_foreign(final: Path, shown: Path) -> None:
    """Raise `output-exists` unless `final` is free, empty, or the whole of an earlier run."""
    place = Place(str(shown))
    if final.is_symlink() or (final.exists() and not final.is_dir()):
        raise one_problem("output-exists", "there is something here that is not a folder", place=place, hint="give another folder with `--out`")
    names = {path.name for path in final.iterdir()} if final.exists() else set()
    if not names:
        return
    if RECORD not in names:
        raise one_problem("output-exists", "the folder is not empty and no earlier run wrote it", place=place, hint="give another folder with `--out`")
    try:
        record = read_record(final)
    except ProblemError as error:
        raise ProblemError([Problem("output-exists", "the folder is not empty and its record cannot be read", place), *error.problems]) from None
    own = {RECORD, *(output.name for output in record.outputs)}
    if foreign := sorted(names - own):
        shown_name = f"`{foreign[0]}`" + (f" and {len(foreign) - 1} more" if len(foreign) > 1 else "")
        raise one_problem(
            "output-exists", f"the folder holds {shown_name}, which no earlier run wrote", place=place, hint="move it away, or give another folder with `--out`"
        )
