"""`regengine check`: what is wrong, dead, unproved or untested in rulebooks, each with its place and a witness."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

import click

from ..problems import Problem, ProblemError, one_problem
from .common import Day, console, lang_option, show, show_problems

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ..book import Book
    from ..check.against import Comparison, Witness
    from ..check.check import Checked
    from ..check.findings import Finding, Report
    from ..check.prover import Enterprise

__all__ = ["command", "load_all"]

Made = TypeVar("Made")

STYLES: Mapping[str, str] = MappingProxyType({"error": "bold red", "warning": "yellow", "note": "cyan"})
GRAVE: Mapping[str, str] = MappingProxyType({"error": "错误", "warning": "警告", "note": "提示"})

VERDICTS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "equal": ("equal", "相同"),
        "stricter": ("stricter", "更严"),
        "laxer": ("laxer", "更宽"),
        "neither": ("stricter for some, laxer for others", "对部分更严、对部分更宽"),
        "not decided": ("not decided in time", "未能判定"),
    }
)
OVERALL: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        **VERDICTS,
        "equal": ("equal for all", "对所有企业相同"),
        "stricter": ("stricter for some, laxer for none", "对部分企业更严，对任何企业都不更宽"),
        "laxer": ("laxer for some, stricter for none", "对部分企业更宽，对任何企业都不更严"),
    }
)


@click.command("check")
@click.argument("rulebooks", nargs=-1, metavar="[RULEBOOK]...")
@click.option("--proofs/--no-proofs", default=True, show_default=True, help="Prove what holds of all enterprises (see docs/check.md).")
@click.option("--timeout", type=click.FloatRange(0.001), default=10.0, show_default=True, metavar="SECONDS", help="Limit of each question.")
@click.option("--population", metavar="FILE", help="A table of real enterprises, in which those that a finding touches are counted.")
@click.option("--as-of", type=Day(), help="The day of the facts of the population.")
@click.option("--key", default="enterprise", show_default=True, help="The column of the population that names the enterprise.")
@click.option("--against", metavar="OTHER", help="Compare with a reform, or with another rulebook of the same facts, instead.")
@click.option("--suggest", type=click.Path(path_type=Path), metavar="FILE", help="Write cases for the thresholds that no case tries.")
@click.option(
    "--fail-on", type=click.Choice(["note", "warning", "error", "never"]), default="error", show_default=True, help="Exit with 1 from this severity on."
)
@click.option(
    "--format", "form", type=click.Choice(["table", "json", "sarif", "github"]), default="table", show_default=True, help="For people, or for machines."
)
@lang_option
def command(
    rulebooks: tuple[str, ...], proofs: bool, timeout: float, population: str | None, as_of: dt.date | None, key: str, against: str | None,
    suggest: Path | None, fail_on: str, form: str, lang: str,
) -> None:  # fmt: skip
    """Check rulebooks: what can never matter, what can be proved, what it rests on, and what no case tries.

    RULEBOOK is the id of a shipped rulebook or a .yaml file; without any, all that are shipped are checked. Loading
    proves names and types, tables without gap or overlap, ranges, and a citation or a basis for every value; the
    problems of rulebooks that do not load go to standard error, and the exit code is then 2. Each finding after that
    has its place, a code (see docs/check.md) and, where there is one, an enterprise for which it happens.
    """
    from ..check.findings import at_or_above

    for option, given in (("--suggest", suggest), ("--against", against)):
        if given is not None and len(rulebooks) != 1:
            raise one_problem("option-wrong", f"`{option}` is for one rulebook", hint="name one")
    if as_of is not None and population is None:
        raise one_problem("option-wrong", "`--as-of` is the day of a population", hint="give `--population FILE`, or leave it out")
    if against is not None:
        if population is not None or suggest is not None or not proofs:
            raise one_problem("option-wrong", "with `--against` nothing else is looked at", hint="leave `--population`, `--suggest` and `--no-proofs` out")
        compare(rulebooks[0], against, timeout, form, lang)
        return
    checked, faults = check_all(rulebooks, proofs=proofs, timeout=timeout)
    reports = [one.report for one in checked]
    if population is not None:
        reports = [counted(one, population, as_of, key) for one in checked]
    if suggest is not None and checked:
        from ..report.html import write_whole

        write_whole(checked[0].suggest(), suggest)
    show_reports(reports, faults, form, lang)
    failed = fail_on != "never" and any(at_or_above(report.findings, fail_on) for report in reports)
    leave(faults, failed)


def check_all(names: tuple[str, ...], *, proofs: bool, timeout: float) -> tuple[list[Checked], dict[str, tuple[Problem, ...]]]:
    """Check the named rulebooks (all shipped ones where none is named); the problems of those that do not load."""
    from ..check.check import check

    return each(names, lambda name: check(name, proofs=proofs, timeout=timeout))


def show_reports(reports: Sequence[Report], faults: Mapping[str, tuple[Problem, ...]], form: str, lang: str) -> None:
    """Print reports in the form that is asked for."""
    from ..check.formats import as_github, as_sarif

    problems = [problem for found in faults.values() for problem in found]
    if form == "json":
        data = [report.as_data() for report in reports]
        data += [{"rulebook": name, "problems": [problem.as_dict() for problem in found]} for name, found in faults.items()]
        click.echo(json.dumps(data, ensure_ascii=False, indent=2))
    elif form == "sarif":
        click.echo(json.dumps(as_sarif(reports, problems, lang), ensure_ascii=False, indent=2))
    elif form == "github":
        for line in as_github(reports, problems, lang):
            click.echo(line)
    else:
        out = console()
        for part in parts(reports, lang):
            out.print(part)


def parts(reports: Sequence[Report], lang: str) -> Iterator[RenderableType]:
    """The balance of sources, then every finding, then what was proved and tried."""
    from rich.text import Text

    from ..report.tables import balance_table

    rows = [(report.rulebook, period.since, period.balance) for report in reports for period in report.periods]
    if rows:
        yield balance_table(rows, lang)
    for report in reports:
        for finding in report.findings:
            yield Text()
            yield from finding_lines(finding, lang)
    for report in reports:
        yield Text()
        yield Text(summary(report, lang))


def finding_lines(finding: Finding, lang: str) -> Iterator[RenderableType]:
    """A finding for people: where, how grave, what, its code; below it the witness."""
    from rich.padding import Padding
    from rich.text import Text

    grave = GRAVE[finding.grave] if lang == "zh" else finding.grave
    yield Text.assemble(f"{finding.place}: ", (grave, STYLES[finding.grave]), f": {finding.message.say(lang)} [{finding.code}]")
    for index, one in enumerate(finding.witness):
        yield Padding(Text(witness_text(one, index, len(finding.witness), lang)), (0, 0, 0, 2), expand=False)
    if finding.cites:
        yield Padding(Text(f"{'依据' if lang == 'zh' else 'cited'}: {', '.join(finding.cites)}"), (0, 0, 0, 2), expand=False)
    if finding.touches is not None:
        yield Padding(Text(f"涉及企业 {finding.touches:,} 家" if lang == "zh" else f"touches {finding.touches:,} enterprises"), (0, 0, 0, 2), expand=False)


def witness_text(one: Enterprise, index: int, count: int, lang: str) -> str:
    from ..check.findings import facts_text

    facts = facts_text(one.facts)
    number = "" if count == 1 else f" {index + 1}"
    if lang == "zh":
        return f"示例企业{number}（{one.as_of}）：{facts or '无特别事实'}；" + (f"等级 {one.grade}" if one.grade else "无法定级")
    return f"witness{number} ({one.as_of}): {facts or 'no facts'}; " + (f"grade {one.grade}" if one.grade else "not graded")


def summary(report: Report, lang: str) -> str:
    """What was proved, and what the cases try."""
    results = [proof.result for proof in report.proofs]
    proved, broken, left = (results.count(result) for result in ("proved", "broken", "not decided"))
    tried = report.coverage
    if lang == "zh":
        lines = [f"{report.rulebook}：证明 {proved} 项，不成立 {broken} 项，未判定 {left} 项"] if results else [f"{report.rulebook}：未作证明"]
        lines += [f"用例触发规则 {tried.fired}/{tried.rules}，站在分界值两侧 {tried.tested}/{tried.edges}"] if tried else []
        lines += [f"核对企业 {report.counted:,} 家"] if report.counted is not None else []
        return "；".join(lines)
    lines = [f"{report.rulebook}: {proved} proved, {broken} broken, {left} not decided"] if results else [f"{report.rulebook}: nothing proved"]
    lines += [f"cases fire {tried.fired} of {tried.rules} rules and stand on {tried.tested} of {tried.edges} sides of thresholds"] if tried else []
    lines += [f"{report.counted:,} enterprises looked at"] if report.counted is not None else []
    return "; ".join(lines)


def compare(name: str, other: str, timeout: float, form: str, lang: str) -> None:
    """Print how another rulebook grades the enterprises of one."""
    from ..check.against import against

    if form not in ("table", "json"):
        raise one_problem("option-wrong", f"`--format {form}` does not go with `--against`", hint="use table or json")
    found = against(name, other, timeout=timeout)
    show(form, found.as_data, lambda: comparison_lines(found, lang))


def comparison_lines(found: Comparison, lang: str) -> list[RenderableType]:
    """The verdict, then each aspect with a witness on both sides."""
    from rich.text import Text

    zh = lang == "zh"
    lines = [Text(verdict_text(found.verdict, found.other, found.rulebook, lang), style="bold")]
    if found.same_text:
        lines.append(Text("两者文本相同，未改变任何内容" if zh else "the text is the same: nothing changes"))
        return list(lines)
    several = len(found.periods) > 1
    for period in found.periods:
        if several:
            verdict = VERDICTS[period.verdict][zh]
            lines.append(Text(f"{period.since} 起：{verdict}" if zh else f"from {period.since}: {verdict}", style="bold"))
        if several and period.verdict == "equal":
            continue
        for aspect in period.aspects:
            lines.append(Text(f"{aspect.what.say(lang)}: {VERDICTS[aspect.verdict][zh]}"))
            for side, one in (("stricter", aspect.stricter), ("laxer", aspect.laxer)):
                if one is not None:
                    lines.append(Text(f"  {VERDICTS[side][zh]} {comparison_witness(one)}"))
    return list(lines)


def comparison_witness(one: Witness) -> str:
    """The enterprise, and what each rulebook gives it."""
    from ..check.findings import facts_text

    here, there = one.enterprises
    facts, values, grades = facts_text({**there.facts, **here.facts}), " → ".join(one.values), f"{here.grade} → {there.grade}"
    return f"({here.as_of}): {facts}; {values}" + ("" if values == grades else f" ({grades})")


def verdict_text(verdict: str, other: str, name: str, lang: str) -> str:
    if lang == "zh":
        return f"{other} 与 {name} 相比：{OVERALL[verdict][1]}"
    return f"{other} against {name}: {OVERALL[verdict][0]}"


def counted(checked: Checked, population: str, as_of: dt.date | None, key: str) -> Report:
    """The report with the enterprises of a table that each finding touches."""
    import narwhals as nw

    from ..check.touched import touched
    from ..intake.files import as_problems
    from .intake import source_of

    if as_of is None:
        raise one_problem("date-missing", "the day of the facts is needed", hint="give `--as-of YYYY-MM-DD`")
    source = source_of(population, name=None, query=None, sheet=None)
    program = checked.book.at(as_of).program
    with as_problems(source.path):
        return touched(checked.report, program, nw.from_native(source.lazy), as_of, key=key, texts=source.texts)


def load_all(names: tuple[str, ...]) -> tuple[dict[str, Book], dict[str, tuple[Problem, ...]]]:
    """The named rulebooks (all shipped ones where none is named) that load, and the problems of those that do not."""
    from ..book import load

    made, faults = each(names, lambda name: (name, load(name)))
    return dict(made), faults


def each(names: tuple[str, ...], make: Callable[[str], Made]) -> tuple[list[Made], dict[str, tuple[Problem, ...]]]:
    """What is made of each rulebook that loads (all shipped ones where none is named), and the problems of those that do not."""
    from ..rulebook.shipped import rulebook_ids

    made: list[Made] = []
    faults: dict[str, tuple[Problem, ...]] = {}
    for name in dict.fromkeys(names or rulebook_ids()):
        try:
            made.append(make(name))
        except ProblemError as error:
            faults[name] = error.problems
    return made, faults


def leave(faults: Mapping[str, tuple[Problem, ...]], failed: bool = False) -> None:
    """Show the problems of rulebooks that did not load and end with 2; else end with 1 where something failed."""
    for problems in faults.values():
        show_problems(problems)
    if faults or failed:
        click.get_current_context().exit(2 if faults else 1)
