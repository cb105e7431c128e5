"""The wheel is whole: built here, installed in a fresh environment outside any checkout, it lists and loads the rulebooks."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHIPPED = [
    "ca/ontario-food",
    "ca/toronto-dinesafe",
    "cn/anhui-food-2022",
    "cn/bayannur-2022",
    "cn/commitment-2020",
    "cn/credit-repair-2025",
    "cn/food-sales-2016",
    "cn/four-modes-2021",
    "cn/health-caps-2025",
    "cn/health-food-2018",
    "cn/henan-2022",
    "cn/henan-coal-2025",
    "cn/lindian-2024",
    "cn/quiet-periods",
    "cn/samr-2022",
    "cn/shenzhen-2021",
    "cn/tolerance-2019",
    "cn/trigger-supervision",
    "cn/yuexiu-2021",
    "cn/zone-delegated",
    "sg/safe-2023",
    "uk/fhrs",
    "uk/food-law-code",
    "us/chicago-canvass",
    "us/fda-food-code",
    "us/hud-reac",
]


def run(*command: str | Path, cwd: Path) -> str:
    env = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "VIRTUAL_ENV")}
    done = subprocess.run([str(part) for part in command], cwd=cwd, env=env, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--wheel", "--outdir", folder, ROOT, cwd=folder)
    (made,) = folder.glob("*.whl")
    return made


def test_holds_the_rules_and_the_types(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {"regengine/_rules/cn/henan-2022.yaml", "regengine/_rules/us/hud-reac.yaml", "regengine/report/verifier/page.js", "regengine/py.typed"} <= names
    assert not [name for name in names if name.startswith(("tests", "benchmarks", "scenarios"))]


def test_works_outside_the_checkout(wheel: Path, tmp_path: Path) -> None:
    venv.create(tmp_path / "env", with_pip=True)
    python = tmp_path / "env" / "bin" / "python"
    run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-c", ROOT / "constraints.txt", wheel, cwd=tmp_path)
    grade = "rg.load('cn/henan-2022').decide({'serious_dishonesty': False}, as_of='2026-11-01').grade"
    out = run(python, "-c", f"import regengine as rg; print(rg.rulebook_ids(), {grade}, rg.__file__)", cwd=tmp_path)
    assert out.startswith(f"{SHIPPED} A ")
    assert str(ROOT) not in out
    listed = run(tmp_path / "env" / "bin" / "regengine", "rules", "list", "--format", "json", cwd=tmp_path)
    assert '"cn/henan-2022"' in listed
    checked = run(tmp_path / "env" / "bin" / "regengine", "test", cwd=tmp_path)
    assert "cn/henan-2022" in checked


PYTHONS = ["3.12", "3.13", "3.14"]
OTHER = """
import sys
import polars as pl
import regengine as rg

book = rg.load("us/hud-reac").at("2015-01-28")
print(book.decide({"inspection_score": 81}).grade)
frame = pl.DataFrame({"enterprise": ["a", "b"], "inspection_score": [98, 48]})
print(book.decide_frame(frame)["grade"].to_list(), list(book.decide_frame(frame.to_pandas())["grade"]))
try:
    book.decide({"inspection_score": 81}, engine="durable")
except rg.ProblemError as error:
    print(error.problems[0].code)
"""


@pytest.mark.parametrize("version", PYTHONS)
def test_works_on_other_pythons(wheel: Path, tmp_path: Path, version: str) -> None:
    """Installed, it grades on each Python that is here, and refuses durable-rules, which is not installed (or does not run there)."""
    python = shutil.which(f"python{version}")
    if python is None or subprocess.run([python, "-c", "import sys"], check=False, capture_output=True, cwd=tmp_path).returncode:
        pytest.skip(f"no Python {version} here")
    run(python, "-m", "venv", tmp_path / "env", cwd=tmp_path)
    inside = tmp_path / "env" / "bin" / "python"
    run(inside, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-c", ROOT / "constraints.txt", f"{wheel}", "pyarrow", cwd=tmp_path)
    out = run(inside, "-c", OTHER, cwd=tmp_path).splitlines()
    assert out == ["standard_2", "['standard_1', 'failing'] ['standard_1', 'failing']", "extra-missing"]
