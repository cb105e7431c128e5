"""A disk that is full: the command says so, no file stands half under its name, and the run can be repeated."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
# a file that would grow past this many bytes cannot be written, as on a disk without room
LIMITED = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000)); from regengine.cli import main; main()"


@pytest.mark.parametrize("kind", ["parquet", "csv", "jsonl"])
def test_grading(run: Run, tmp_path: Path, kind: str) -> None:
    table, out = tmp_path / "t.csv", tmp_path / f"o.{kind}"
    table.write_text("enterprise,inspection_score\n" + "".join(f"p{number},{number % 101}\n" for number in range(5_000)), encoding="utf-8")
    args = ["grade", "us/hud-reac", table, "--as-of", "2020-01-01", "--out", out]
    out.write_bytes(b"of an earlier run")
    ran = subprocess.run([sys.executable, "-c", LIMITED, *map(str, args)], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr == f"{out}: the file could not be written: file too large [output-failed]\n"
    assert out.read_bytes() == b"of an earlier run"
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["t.csv", out.name])
    ran = run(*args)
    assert ran.code == 0, ran.err
