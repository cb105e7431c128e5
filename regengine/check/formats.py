"""Reports for other programs: SARIF 2.1.0 for editors and code review, and the lines by which GitHub marks a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from .. import __version__
from ..problems import Place, Problem
from .findings import CODES, Finding, Report, facts_text, finding_as_data

__all__ = ["as_github", "as_sarif"]

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
GITHUB: Mapping[str, str] = MappingProxyType({"note": "notice", "warning": "warning", "error": "error"})


def as_sarif(reports: Sequence[Report], problems: Iterable[Problem], lang: str) -> dict[str, Any]:
    """One run with a result for each finding and each problem."""
    findings = [finding for report in reports for finding in report.findings]
    problems = list(problems)
    rules = [
        {"id": name, "shortDescription": {"text": CODES[name].meaning.say(lang)}, "defaultConfiguration": {"level": CODES[name].severity}}
        for name in CODES
        if any(finding.code == name for finding in findings)
    ]
    rules += [{"id": name} for name in sorted({problem.code for problem in problems})]
    results = [
        {
            "ruleId": finding.code,
            "level": finding.grave,
            "message": {"text": finding.message.say(lang)},
            "locations": locations(finding.place),
            "properties": {key: value for key, value in finding_as_data(finding).items() if key in ("witness", "enterprises", "cites")},
        }
        for finding in findings
    ]
    results += [{"ruleId": one.code, "level": "error", "message": {"text": one.message}, "locations": locations(one.place)} for one in problems]
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{"tool": {"driver": {"name": "regengine", "version": __version__, "rules": rules}}, "results": results}],
    }


def locations(place: Place) -> list[dict[str, Any]]:
    """Where something stands; empty where no file does."""
    if place.file is None:
        return []
    region = {key: value for key, value in (("startLine", place.line), ("startColumn", place.column)) if value is not None}
    at: dict[str, Any] = {"artifactLocation": {"uri": quote(place.file)}}
    return [{"physicalLocation": at | ({"region": region} if region else {})}]


def as_github(reports: Sequence[Report], problems: Iterable[Problem], lang: str) -> Iterator[str]:
    """A workflow command for each finding and each problem."""
    for finding in (finding for report in reports for finding in report.findings):
        yield command(GITHUB[finding.grave], finding.place, finding.code, message_of(finding, lang))
    for problem in problems:
        yield command("error", problem.place, problem.code, problem.message + (f" (hint: {problem.hint})" if problem.hint else ""))


def message_of(finding: Finding, lang: str) -> str:
    """The text of a finding with its witness."""
    witness = [facts_text(one.facts) for one in finding.witness]
    return "\n".join([finding.message.say(lang), *witness])


def command(level: str, place: Place, title: str, text: str) -> str:
    named = {"file": place.file, "line": place.line, "col": place.column, "title": title}
    properties = ",".join(f"{name}={escaped(str(value), of_property=True)}" for name, value in named.items() if value is not None)
    return f"::{level} {properties}::{escaped(text)}"


def escaped(text: str, *, of_property: bool = False) -> str:
    text = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return text.replace(":", "%3A").replace(",", "%2C") if of_property else text
