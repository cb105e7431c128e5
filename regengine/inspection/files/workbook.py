"""`plan.xlsx`: a summary, a sheet for each inspector to print and take along, and what could not be placed.

Teams are drawn anew for each visit, so nobody belongs to one team: an inspector's sheet has that inspector's visits by day, each with the colleagues that
go along, and empty cells for the result and the signature. Guarantees: every text is written as text and no cell holds a formula; the names of the
sheets are valid and unique; equal plans give equal bytes (openpyxl writes the time of day into a file, which is set to the day of the facts).
"""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...intake.excel import letters
from ...intake.spool import extra
from ...words import pick
from ..tables import PlanTables
from ..visit import Inspector
from .visits import colleagues_words, visits_of
from .words import heading, inspector_words, manner_words

__all__ = ["plan_workbook", "sheet_titles"]

COLUMNS = {  # of an inspector's sheet, with their widths in characters
    "date": 12, "visited": 24, "district": 9, "kind": 14, "manner": 11, "clause": 24, "colleagues": 28, "lead": 13, "result": 18, "signed": 14, "visit": 36,
}  # fmt: skip
PRINTED = len(COLUMNS) - 1  # all but the visit's id, by which the results come back
UNPLACED = {"visit": 36, "department": 16, "enterprise": 20, "rule": 11, "why": 38, "relaxation": 38}
LINE, LINES = 18, 2  # the height of a line of Chinese, and the least of a row that is written into by hand
WIDEST = 31  # characters of a sheet's name
FIRST = (1980, 1, 1, 0, 0, 0)  # the first time that a zip file can tell
CORE, FONT = "docProps/core.xml", "Calibri"


def plan_workbook(tables: PlanTables, lang: str) -> bytes:
    """The workbook with headings and words in `lang`. Raises `ProblemError` (`extra-missing`)."""
    openpyxl = extra("openpyxl", "openpyxl", "excel")
    visits = visits_of(tables)
    sent = [one for one in tables.inspectors if one.id in visits]
    first, last = pick(("Summary", "汇总"), lang), pick(("Unplaced", "未安排"), lang)
    titles = sheet_titles([first, last, *(inspector_words(one) for one in sent)])
    book = openpyxl.Workbook()
    look = Look.of(book)
    summary = Sheet(book.active, look, titles[0])
    summarise(summary, tables, lang, [(one, len(visits[one.id]), title) for one, title in zip(sent, titles[2:], strict=True)])
    for inspector, title in zip(sent, titles[2:], strict=True):
        inspector_sheet(Sheet(book.create_sheet(), look, title), tables, inspector, visits[inspector.id], lang)
    if not tables.unplaced.is_empty():
        unplaced_sheet(Sheet(book.create_sheet(), look, titles[1]), tables, lang)
    return saved(book, tables.as_of)


@dataclass(frozen=True, slots=True)
class Look:
    """The styles of the workbook, by name."""

    title: str = "plan title"
    note: str = "plan note"
    head: str = "plan heading"
    text: str = "plan text"
    day: str = "plan day"

    @classmethod
    def of(cls, book: Any) -> Look:
        """The styles, made known to a workbook."""
        styles = extra("openpyxl.styles", "openpyxl", "excel")
        look, side = cls(), styles.Side(style="thin", color="FF7F7F7F")
        aligned = styles.Alignment(horizontal="left", vertical="top", wrap_text=True)
        framed = {"border": styles.Border(left=side, right=side, top=side, bottom=side), "alignment": aligned}
        made = {
            look.title: {"font": styles.Font(name=FONT, size=14, bold=True)},
            look.note: {"font": styles.Font(name=FONT, size=11, color="FF595959")},
            look.head: framed | {"font": styles.Font(name=FONT, size=11, bold=True), "fill": styles.PatternFill("solid", fgColor="FFDCE6F1")},
            look.text: framed | {"font": styles.Font(name=FONT, size=11), "number_format": "@"},
            look.day: framed | {"font": styles.Font(name=FONT, size=11), "number_format": "yyyy-mm-dd"},
        }
        for name, parts in made.items():
            book.add_named_style(styles.NamedStyle(name, **parts))
        return look


class Sheet:
    """A sheet that is written line by line."""

    def __init__(self, sheet: Any, look: Look, title: str) -> None:
        self.sheet, self.look, self.lines = sheet, look, 0
        sheet.title = title

    def line(self, values: Sequence[object], style: str) -> None:
        """Write a line; a text is text, whatever it looks like."""
        self.lines += 1
        for place, value in enumerate(values, 1):
            cell = self.sheet.cell(self.lines, place)
            if isinstance(value, str):
                cell.value, cell.data_type = value, "s"
            else:
                cell.value = value
            cell.style = self.look.day if isinstance(value, dt.date) else style

    def table(self, columns: Mapping[str, int], lang: str, rows: Iterable[Sequence[object]], printed: int) -> None:
        """Write a table, of which the first columns are printed; its headings are held on the screen and, with what stands above, on each page of paper."""
        self.line([heading(name, lang) for name in columns], self.look.head)
        head = self.lines
        for row in rows:
            self.line(row, self.look.text)
            self.sheet.row_dimensions[self.lines].height = LINE * max(LINES, *map(lines_of, row, columns.values()))
        for place, width in enumerate(columns.values()):
            self.sheet.column_dimensions[letters(place)].width = width
        self.sheet.freeze_panes = f"A{head + 1}"
        self.sheet.print_title_rows = f"1:{head}"
        self.sheet.print_area = f"A1:{letters(printed - 1)}{self.lines}"
        self.print_on_a4()

    def print_on_a4(self) -> None:
        """Across the width of a page that lies on its side, with the number of each page."""
        page, margins = self.sheet.page_setup, self.sheet.page_margins
        page.orientation, page.paperSize, page.fitToWidth, page.fitToHeight = "landscape", self.sheet.PAPERSIZE_A4, 1, 0
        margins.left, margins.right, margins.top, margins.bottom = 0.4, 0.4, 0.5, 0.75
        self.sheet.sheet_properties.pageSetUpPr.fitToPage = True
        self.sheet.oddFooter.center.text = "&P / &N"


def lines_of(value: object, width: int) -> int:
    """The lines that a text fills in a column; no program that opens the file can be trusted to find the height of a row itself."""
    from rich.cells import cell_len

    return sum(1 + max(0, cell_len(line) - 1) // (width - 2) for line in value.split("\n")) if isinstance(value, str) else 1


def summarise(to: Sheet, tables: PlanTables, lang: str, sent: Sequence[tuple[Inspector, int, str]]) -> None:
    """What the plan is, and a line for each inspector that leads to the sheet."""
    hyperlink = extra("openpyxl.worksheet.hyperlink", "openpyxl", "excel")
    to.line([tables.title.say(lang)], to.look.title)
    rulebook, colon = tables.rulebook, pick((": ", "："), lang)
    for name, value in {
        pick(("Rulebook", "规则集"), lang): f"{rulebook.id} {rulebook.edition} · {rulebook.digest[:12]}",
        pick(("Law of", "法规日期"), lang): str(tables.law_at),
        pick(("Facts of", "事实截至"), lang): str(tables.as_of),
        pick(("Days", "计划期间"), lang): f"{tables.first} – {tables.last}",
        pick(("Draws", "抽查"), lang): "; ".join(f"{draw.draw_id} ({draw.record})" for draw in tables.draws) or "–",
        pick(("Visits with a day", "已安排检查"), lang): f"{tables.placed.height:,}",
        pick(("Visits without a day", "未安排检查"), lang): f"{tables.unplaced.height:,}",
    }.items():
        to.line([f"{name}{colon}{value}"], to.look.note)
    if rulebook.notice:
        to.line([rulebook.notice.say(lang)], to.look.note)
    office = ("For the office: holds names of inspectors, grades and leads, and is not for publication.", "内部使用：含检查人员姓名、等级和线索，不得公开。")
    to.line([pick(office, lang)], to.look.note)
    to.line([], to.look.note)
    to.line([pick(pair, lang) for pair in (("Inspector", "检查人员"), ("Department", "部门"), ("Visits", "检查次数"), ("Sheet", "工作表"))], to.look.head)
    for inspector, visits, title in sent:
        to.line([inspector_words(inspector), tables.department(inspector.department, lang), visits, title], to.look.text)
        cell = to.sheet.cell(to.lines, 4)
        cell.hyperlink = hyperlink.Hyperlink(cell.coordinate, location=f"'{title.replace(chr(39), 2 * chr(39))}'!A1")
    for letter, width in zip("ABCD", (34, 28, 12, 34), strict=True):
        to.sheet.column_dimensions[letter].width = width
    to.print_on_a4()


def inspector_sheet(to: Sheet, tables: PlanTables, inspector: Inspector, visits: Iterable[Mapping[str, Any]], lang: str) -> None:
    """The visits of one inspector by day."""
    to.line([f"{inspector_words(inspector)} · {tables.department(inspector.department, lang)}"], to.look.title)
    to.line([f"{tables.title.say(lang)} · {tables.first} – {tables.last} · {tables.rulebook.id} {tables.rulebook.edition}"], to.look.note)
    kind = pick(("kind_en", "kind_zh"), lang)
    to.table(
        COLUMNS,
        lang,
        (
            [
                row["date"], "\n".join(filter(None, (row["name"], row["enterprise"]))), row["district"], kind_words(row, kind, lang),
                manner_words(row["manner"], lang), row["clause"], "\n".join(colleagues_words(tables, row, lang)),
                "\n".join(filter(None, (row["lead"], row["authority"]))), None, None, row["visit"],
            ]
            for row in visits
        ),
        PRINTED,
    )  # fmt: skip


def kind_words(row: Mapping[str, Any], column: str, lang: str) -> str:
    """The kind of a visit, and whether it is owed from an earlier plan."""
    return pick(("{} ({})", "{}（{}）"), lang).format(row[column], heading("debt", lang).lower()) if row["debt"] else row[column]


def unplaced_sheet(to: Sheet, tables: PlanTables, lang: str) -> None:
    """What has no day, and why."""
    to.line([pick(("Visits without a day", "未安排检查"), lang)], to.look.title)
    rows = tables.unplaced.select("visit", "department", "enterprise", "rule", f"why_{lang}", f"relaxation_{lang}").rows()
    to.table(UNPLACED, lang, ([visit, tables.department(department, lang), *rest] for visit, department, *rest in rows), len(UNPLACED))


def sheet_titles(names: Sequence[str]) -> list[str]:
    """A name for each sheet that Excel takes: at most 31 characters, none of `[]:*?/\\`, no apostrophe at an end, and none twice in any case."""
    taken = {"history"}  # which Excel keeps for itself
    titles = []
    for name in names:
        whole = re.sub(r"[\[\]:*?/\\\x00-\x1f]", "_", name).strip("' ") or "_"
        ends = ("", *(f" {number}" for number in range(2, len(names) + 3)))
        title = next(one for one in (shortened(whole, WIDEST - len(end)).rstrip("' ") + end for end in ends) if one.lower() not in taken)
        taken.add(title.lower())
        titles.append(title)
    return titles


def shortened(text: str, most: int) -> str:
    """The first characters of a text, counted as Excel does: those past U+FFFF are two."""
    return text.encode("utf-16-le")[: 2 * most].decode("utf-16-le", errors="ignore")


def saved(book: Any, as_of: dt.date) -> bytes:
    """The workbook as bytes that hold no clock."""
    functions = extra("openpyxl.xml.functions", "openpyxl", "excel")
    written, made = io.BytesIO(), io.BytesIO()
    book.save(written)
    book.properties.creator = "regengine"
    book.properties.created = book.properties.modified = dt.datetime.combine(as_of, dt.time())
    with zipfile.ZipFile(written) as source, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target:
        for part in source.namelist():
            inside = functions.tostring(book.properties.to_tree()) if part == CORE else source.read(part)
            target.writestr(zipfile.ZipInfo(part, FIRST), inside, zipfile.ZIP_DEFLATED)
    return made.getvalue()
