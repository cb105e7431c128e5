"""The house keeps its shape: rooms import only what stands to their left, and importing regengine is light."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "regengine"

# what each room may import, besides itself; a room that is not named here is a fault of the test
MAY_IMPORT: dict[str, set[str]] = {
    "problems": set(),
    "conditions": {"problems"},
    "rulebook": {"problems", "conditions"},
    "program": {"problems", "rulebook", "conditions"},
    "engines": {"problems", "program", "rulebook"},
    "decision": {"problems", "program", "rulebook"},
    "intake": {"problems", "rulebook"},
    "population": {"problems", "rulebook"},
    "evidence": {"problems", "rulebook", "program", "engines", "intake"},
    "tables": {"problems", "rulebook", "program", "engines", "intake", "evidence"},
    "forecast": {"problems", "rulebook", "program", "engines", "intake", "evidence", "decision", "tables"},
    "words": {"rulebook"},
    "workdays": {"problems", "intake", "rulebook"},
    "service": {"problems", "rulebook", "program", "decision", "workdays", "words"},
    "book": {"problems", "rulebook", "program", "engines", "intake", "evidence", "decision", "tables", "forecast", "service", "workdays"},
    "cluster": {"problems", "intake", "book"},
    "cases": {"problems", "rulebook", "decision", "book"},
    "check": {"problems", "conditions", "rulebook", "program", "engines", "intake", "decision", "book", "__init__"},
    "inspection": {"problems", "rulebook", "program", "decision", "intake", "workdays", "words"},
    "report": {"service", "simulate", "inspection", "problems", "rulebook", "program", "intake", "decision", "book", "cases", "forecast", "words"},
    "exchange": {"problems", "rulebook", "program", "intake", "book"},
    "run_record": {"problems", "rulebook", "__init__"},
    "simulate": {
        "book",
        "conditions",
        "decision",
        "engines",
        "evidence",
        "inspection",
        "intake",
        "problems",
        "program",
        "rulebook",
        "service",
        "words",
        "workdays",
    },
    "scenario": {
        "__init__",
        "book",
        "decision",
        "evidence",
        "inspection",
        "intake",
        "population",
        "problems",
        "program",
        "report",
        "rulebook",
        "run_record",
        "simulate",
        "tables",
        "workdays",
        "words",
    },
    "bench": {"problems", "intake", "population", "book", "run_record", "cluster"},
}


def room_of(module: str) -> str:
    """The room of an absolute module name; `__init__` for the package itself."""
    return module.split(".")[1] if "." in module else "__init__"


def imports(path: Path) -> set[str]:
    """The rooms of regengine that a module imports, wherever in its text."""
    package = path.relative_to(PACKAGE).parts[:-1]
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = package[: len(package) - node.level + 1]
            target = (*base, *(node.module.split(".") if node.module else ()))
            found |= (
                {target[0]}
                if target
                else {alias.name if (PACKAGE / alias.name).exists() or (PACKAGE / f"{alias.name}.py").exists() else "__init__" for alias in node.names}
            )
        elif isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "regengine":
            found.add(room_of(node.module))
        elif isinstance(node, ast.Import):
            found |= {room_of(alias.name) for alias in node.names if alias.name.split(".")[0] == "regengine"}
    return found


MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path.relative_to(PACKAGE).parts[0] not in ("cli", "__init__.py", "_rules"))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_rooms_import_only_to_their_left(path: Path) -> None:
    room = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    assert imports(path) - {room} <= MAY_IMPORT[room]


def run(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout


def test_importing_regengine_brings_no_heavy_package() -> None:
    heavy = run("import sys, regengine; print(sorted({'pandas', 'polars', 'pydantic', 'narwhals', 'rich', 'ruamel', 'click'} & set(sys.modules)))")
    assert heavy.strip() == "[]"


def test_grading_one_enterprise_brings_no_table_package() -> None:
    code = "import sys, regengine as rg; rg.load('us/hud-reac').decide({'inspection_score': 90}, as_of='2015-01-01')"
    assert run(f"{code}; print(sorted({{'pandas', 'polars', 'rich', 'click'}} & set(sys.modules)))").strip() == "[]"


def test_public_names_are_there() -> None:
    import regengine

    for name in regengine.__all__:
        assert getattr(regengine, name) is not None
    with pytest.raises(AttributeError, match="no attribute `lode`"):
        regengine.lode  # noqa: B018 - the look-up is what is tested
