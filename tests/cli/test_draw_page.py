"""`regengine draw page`: a page with a draw in it, an empty one, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from regengine.cli import main

from ..report.draw_files import DrawFiles, write_draw


@pytest.fixture
def files(tmp_path: Path) -> DrawFiles:
    return write_draw(tmp_path, {"企业-1": "A", "e-2": "A"}, {"A": {"ratio": "1/2"}})


@pytest.mark.parametrize(("lang", "said"), [("en", "page to verify with"), ("zh", "核验页面")])
def test_a_page_carries_the_files_of_its_draw(files: DrawFiles, tmp_path: Path, lang: str, said: str) -> None:
    out = tmp_path / "new" / "page.html"
    result = CliRunner().invoke(main, ["draw", "page", str(files.record), "--out", str(out), "--lang", lang], catch_exceptions=False)
    assert result.exit_code == 0
    assert said in result.output and str(out) in result.output
    text = out.read_text("utf-8")
    assert all(f'"name": "{path.name}"' in text for path in files.all)
    assert "企业-1|A" in text


def test_an_empty_page_carries_nothing(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["draw", "page", "--empty", "--out", str(tmp_path / "page.html")], catch_exceptions=False)
    assert result.exit_code == 0
    assert 'id="carried"' not in (tmp_path / "page.html").read_text("utf-8")


def test_files_past_the_limit_are_told(tmp_path: Path) -> None:
    frame = {f"{'企业' * 50}-{n}": "A" for n in range(27_000)}  # 300 bytes each
    files = write_draw(tmp_path, frame, {"A": {"ratio": "0"}})
    result = CliRunner().invoke(main, ["draw", "page", str(files.record), "--out", str(tmp_path / "page.html")], catch_exceptions=False)
    assert "without the manifest and the drawn file (8," in result.output
    assert (tmp_path / "page.html").stat().st_size < 100_000


def test_either_a_record_or_an_empty_page(files: DrawFiles, tmp_path: Path) -> None:
    for call in ([str(files.record), "--empty"], []):
        result = CliRunner().invoke(main, ["draw", "page", *call, "--out", str(tmp_path / "page.html")])
        assert result.exit_code == 2
        assert "give either RECORD or --empty" in result.output


def test_a_record_that_was_changed_is_refused(files: DrawFiles, tmp_path: Path) -> None:
    files.record.write_text(files.record.read_text("utf-8").replace("06 11 19", "06 11 20").replace("1/2", "1/3"), "utf-8")
    result = CliRunner().invoke(main, ["draw", "page", str(files.record), "--out", str(tmp_path / "page.html")])
    assert result.exit_code == 2
    assert "[draw-record]" in result.stderr
    assert not (tmp_path / "page.html").exists()
