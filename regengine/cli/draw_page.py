"""`regengine draw page`: the page with which the public verifies a draw."""

from __future__ import annotations

from pathlib import Path

import click

from .common import lang_option

__all__ = ["page"]


@click.command()
@click.argument("record", type=click.Path(path_type=Path), required=False)
@click.option("--out", required=True, type=click.Path(path_type=Path), metavar="FILE", help="Where the page is written.")
@click.option("--empty", is_flag=True, help="A page without a draw, on which people choose the three files themselves.")
@lang_option
def page(record: Path | None, out: Path, empty: bool, lang: str) -> None:
    """Write one HTML file in which anybody can recompute the draw of RECORD (NAME.draw.jsonl), or with --empty any draw.

    The page needs no network and sends nothing. It carries the record, and manifest and drawn file where they are small enough. It is in English and
    Chinese whatever --lang says.
    """
    from ..inspection.draw.record import read_draw
    from ..report.html import write_whole
    from ..report.verify_page import CARRIED, verify_page

    if (record is None) != empty:
        raise click.UsageError("give either RECORD or --empty")
    draw = None if record is None else read_draw(record)
    write_whole(verify_page(draw), out)
    size = sum(path.stat().st_size for path in (draw.manifest, draw.drawn_file) if path.exists()) if draw else 0
    left = size > CARRIED
    if lang == "zh":
        click.echo(f"{out}：核验页面" + (f"，未含名单和抽中名单（共 {size:,} 字节），由读者自行选择" if left else ""))
    else:
        click.echo(
            f"{out}: page to verify with" + (f", without the manifest and the drawn file ({size:,} bytes), which readers choose themselves" if left else "")
        )
