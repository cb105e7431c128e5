"""The README and the page on engines tell the truth: their examples run and print what they print."""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from regengine.cli import main

ROOT = Path(__file__).resolve().parent.parent
TEXT = (ROOT / "README.md").read_text("utf-8")
ENGINES = (ROOT / "docs" / "engines.md").read_text("utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```\n\n```text\n(.*?)```", TEXT + ENGINES, re.DOTALL)
SHOWN = re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL)
COMMANDS = re.findall(r"\$ regengine ([^\n]*)\n(.*?)```", TEXT, re.DOTALL)


@pytest.mark.parametrize(("code", "printed"), EXAMPLES, ids=range(len(EXAMPLES)))
def test_examples(code: str, printed: str) -> None:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(code, "README.md", "exec"), {})
    assert [line.rstrip() for line in out.getvalue().splitlines()] == [line.rstrip() for line in printed.splitlines()]


@pytest.mark.parametrize(("command", "printed"), COMMANDS, ids=range(len(COMMANDS)))
def test_commands(command: str, printed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.symlink(ROOT / "scenarios", tmp_path / "scenarios")
    monkeypatch.chdir(tmp_path)
    ran = CliRunner().invoke(main, shlex.split(command))
    assert ran.exit_code == 0, ran.output
    assert [line.rstrip() for line in ran.stdout.splitlines()] == [line.rstrip() for line in printed.splitlines()]


def test_what_is_shown_without_its_output_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shared_data: Path) -> None:
    os.symlink(ROOT / "scenarios", tmp_path / "scenarios")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REGENGINE_DATA", str(shared_data))
    lines = [line for block in SHOWN for line in block.splitlines()]
    assert len(lines) == 3 and all(line.startswith("regengine ") for line in lines)
    for line in lines:
        ran = CliRunner().invoke(main, shlex.split(line)[1:])
        assert ran.exit_code == 0 and "skipped" not in ran.stdout, ran.output


def test_there_are_examples_and_links_lead_somewhere() -> None:
    assert len(EXAMPLES) == 3
    assert len(COMMANDS) == 1
    for target in re.findall(r"\]\(([^)#:]+)\)", TEXT):
        assert (ROOT / target).exists(), target
