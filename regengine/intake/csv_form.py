"""The form of a CSV file, found in one pass over its bytes before any engine reads it.

Guarantees of a file that passes: it is whole text in UTF-8 or GB18030, no column has the name of another, every row has one
value for each column, and no quote stands where it would swallow the rows after it. Polars fills a short row with nulls,
renames the second of two columns of one name, and names no line when it stops; so it is asked only after this pass,
which costs about half as long as its own.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from ..problems import Place, ProblemError, one_problem

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Bytes = npt.NDArray[np.uint8]
    Positions = npt.NDArray[np.intp]
    Flags = npt.NDArray[np.bool_]

__all__ = ["CsvForm", "csv_form"]

BLOCK = 1 << 22
LONGEST = 1 << 26  # bytes of one row; past this a quote was left open
SURE = 8  # continuation bytes of good UTF-8 (four Chinese characters) after which a file in GB18030 is past belief
COMMA, NEWLINE, RETURN, QUOTE = b',\n\r"'
BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class CsvForm:
    """What a CSV file holds. `rows` counts data rows without blank lines, which stand at the positions `blanks` among them.

    `text` is the whole file in UTF-8 where it was written in GB18030, else None.
    """

    columns: tuple[str, ...]
    rows: int
    blanks: tuple[int, ...]
    text: bytes | None


@dataclass(frozen=True, slots=True)
class Block:
    """Some whole rows: their bytes, where the commas and line ends between values stand, and the line they start on."""

    data: bytes
    marks: Positions
    ends: Positions  # which of the marks end a row
    line: int

    def starts(self, row: int) -> int:
        return int(self.marks[self.ends[row - 1]]) + 1 if row else 0

    def line_of(self, position: int) -> int:
        return self.line + self.data.count(b"\n", 0, position)


class NotUtf8(Exception):
    """Bytes that are not UTF-8, in a file that may be GB18030."""


def csv_form(path: Path, *, empty: bool = False) -> CsvForm:
    """The form of the CSV file at `path`.

    With `empty`, a file may have a header and no rows. Raises `ProblemError` with the line: `file-empty`, `file-encoding`,
    and `file-unreadable` for two columns of one name, a row with too few or too many values, a quote out of place, and bytes that no text has.
    """
    try:
        return form_in(path, "utf-8", empty=empty)
    except NotUtf8:
        return form_in(path, "gb18030", empty=empty)


def form_in(path: Path, encoding: str, *, empty: bool) -> CsvForm:
    """The form of a file in one of the two encodings. Raises `NotUtf8` where the other one should be tried."""
    import numpy as np

    columns: tuple[str, ...] = ()
    rows = seen = 0
    blanks: list[Positions] = []
    reader = Decoder(path, encoding)
    for block in blocks(path):
        reader.read(block)
        counts = np.diff(block.ends, prepend=-1)
        edges = block.marks[block.ends]
        lengths = np.diff(edges, prepend=-1) - 1
        blank = (lengths == 0) | ((lengths == 1) & (np.frombuffer(block.data, np.uint8)[edges - 1] == RETURN))
        first = 0
        if not columns:
            if blank.all():
                continue
            first = int(np.argmin(blank))
            columns = header(path, block, first, encoding)
            first += 1
        ragged = np.flatnonzero((counts != len(columns)) & ~blank)
        ragged = ragged[ragged >= first]
        if ragged.size:
            row = int(ragged[0])
            values = "1 value" if counts[row] == 1 else f"{counts[row]} values"
            place = Place(str(path), block.line_of(block.starts(row)))
            raise one_problem(
                "file-unreadable", f"the row has {values} and the header {len(columns)}", place=place, hint="a value that holds a comma is written in quotes"
            )
        blanks.append(np.flatnonzero(blank[first:]) + seen)
        seen += len(counts) - first
        rows += int(len(counts) - first - blanks[-1].size)
    if not columns:
        raise one_problem("file-empty", "the file holds nothing", place=Place(str(path)))
    if not rows and not empty:
        raise one_problem("file-empty", "the file has a header and no rows", place=Place(str(path)))
    return CsvForm(columns, rows, tuple(np.concatenate(blanks).tolist()), reader.text)


class Decoder:
    """Makes sure that blocks are text, and keeps them in UTF-8 where they are not."""

    def __init__(self, path: Path, encoding: str) -> None:
        self.path, self.encoding = path, encoding
        self.sure = 0
        self.kept = BytesIO() if encoding != "utf-8" else None

    @property
    def text(self) -> bytes | None:
        return None if self.kept is None else self.kept.getvalue()

    def read(self, block: Block) -> None:
        if (zero := block.data.find(b"\0")) >= 0:
            raise one_problem(
                "file-unreadable",
                "the line holds a zero byte, which no text has",
                place=Place(str(self.path), block.line_of(zero)),
                hint="save the file as UTF-8",
            )
        if block.data.isascii():
            text = ""
        else:
            try:
                text = block.data.decode(self.encoding)
            except UnicodeDecodeError as error:
                raise self.refused(block, error) from None
            self.sure += len(block.data) - len(text)
        if self.kept is not None:
            self.kept.write(text.encode() or block.data)

    def refused(self, block: Block, error: UnicodeDecodeError) -> Exception:
        """Why a block is not text; a file that was good UTF-8 so far is damaged, and not in GB18030."""
        if self.encoding == "utf-8":
            good = block.data[: error.start]
            if self.sure + len(good) - len(good.decode()) < SURE and not starts_with_mark(self.path):
                return NotUtf8()
            message = "the line is not UTF-8, as the lines before it are"
        else:
            message = "the line is neither UTF-8 nor GB18030"
        return one_problem("file-encoding", message, place=Place(str(self.path), block.line_of(error.start)), hint="save the file as UTF-8")


def starts_with_mark(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(BOM)) == BOM


def header(path: Path, block: Block, row: int, encoding: str) -> tuple[str, ...]:
    """The names of the columns. Raises `ProblemError` where one stands twice."""
    start, stop = block.starts(row), int(block.marks[block.ends[row]])
    place = Place(str(path), block.line_of(start))
    text = block.data[start:stop].decode(encoding).removesuffix("\r")
    if "\r" in text and '"' not in text:
        raise one_problem(
            "file-unreadable", "the lines end in a way of old Macintosh files", place=place, hint="save the file with line ends of Windows or Unix"
        )
    try:
        names = tuple(next(csv.reader(text.splitlines(keepends=True))))
    except csv.Error as error:
        raise one_problem("file-unreadable", f"the header cannot be read: {error}", place=place) from None
    for name, times in Counter(names).items():
        if times > 1:
            raise one_problem("file-unreadable", f"two columns have the name `{name}`" if name else "two columns have no name", place=place)
    return names


def blocks(path: Path) -> Iterator[Block]:
    """The file in blocks of whole rows. Raises `ProblemError` for a quote that is out of place or never closed."""
    line, rest = 1, b""
    with path.open("rb") as file:
        if file.read(len(BOM)) != BOM:
            file.seek(0)
        while True:
            read = file.read(BLOCK)
            data = rest + read
            if not read and data and not data.endswith(b"\n"):
                data += b"\n"
            marks, ends, stray = between_values(data)
            if stray is not None:
                raise quote_problem(path, line + data.count(b"\n", 0, stray), "a quote stands inside a value that is not in quotes")
            cut = int(marks[ends[-1]]) + 1 if ends.size else 0
            if cut:
                yield Block(data[:cut], marks, ends, line)
            line += data.count(b"\n", 0, cut)
            rest = data[cut:]
            if (rest and not read) or len(rest) > LONGEST:
                raise quote_problem(path, line, "a quote is opened in this row and never closed")
            if not read:
                return


def quote_problem(path: Path, line: int, message: str) -> ProblemError:
    return one_problem("file-unreadable", message, place=Place(str(path), line), hint="a value that holds a quote is written in quotes, and that quote twice")


def between_values(data: bytes) -> tuple[Positions, Positions, int | None]:
    """Where values end, which of these places end a row, and where the first quote out of place stands.

    Commas and line ends inside quotes are part of a value. In both encodings no byte of a longer character is one of these.
    """
    import numpy as np

    octets: Bytes = np.frombuffer(data, np.uint8)
    mark = (octets == COMMA) | (octets == NEWLINE)
    stray = None
    if b'"' in data:
        quotes = octets == QUOTE
        inside = np.bitwise_xor.accumulate(quotes)  # true from an opening quote up to the one that closes it
        stray = out_of_place(quotes, inside, mark | quotes, octets == RETURN)
        mark &= ~inside
    marks = np.flatnonzero(mark)
    return marks, np.flatnonzero(octets[marks] == NEWLINE), stray


def out_of_place(quotes: Flags, inside: Flags, edges: Flags, returns: Flags) -> int | None:
    """The first quote that opens elsewhere than at the start of a value or closes elsewhere than at its end.

    At `edges` stand commas, line ends and quotes: before an opening quote, and after a closing one (or a carriage return).
    """
    late, early = quotes & inside, quotes & ~inside
    late[1:] &= ~edges[:-1]
    early[:-1] &= ~(edges | returns)[1:]
    late[0] = early[-1] = False
    odd = late | early
    return int(odd.argmax()) if odd.any() else None
