"""The rulebooks that come with regengine: in a wheel as package data, in a checkout as the folder `rules/`."""

from __future__ import annotations

from pathlib import Path

from ..problems import Place, nearest, one_problem

__all__ = ["find", "rulebook_ids", "rules_folder"]

CASES = ".tests.yaml"


def rules_folder() -> Path:
    """The folder of the shipped rulebooks."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "_rules"
    return inside if inside.is_dir() else package.parent / "rules"


def rulebook_ids(folder: Path | None = None) -> list[str]:
    """The ids of the rulebooks in `folder` (default: the shipped ones), in order."""
    folder = folder or rules_folder()
    return sorted(
        f"{path.parent.name}/{path.stem}" for path in folder.glob("*/*.yaml") if not path.name.endswith(CASES)
    )  # fmt: skip


def find(name: str | Path) -> Path:
    """The file of a rulebook, by the id of a shipped one or by a path."""
    path = Path(name)
    if path.suffix in (".yaml", ".yml"):
        if not path.is_file():
            raise one_problem("file-missing", "there is no such file", place=Place(str(path)))
        return path
    known = rulebook_ids()
    if str(name) in known:
        return rules_folder() / f"{name}.yaml"
    raise one_problem(
        "rulebook-unknown", f"`{name}` is not a shipped rulebook", hint=nearest(str(name), known) or "give an id, or the path of a `.yaml` file"
    )  # fmt: skip


def cases_file(path: Path) -> Path:
    """Where the cases of the rulebook at `path` stand, whether or not they are there."""
    return path.with_name(path.stem + CASES)
