"""The public's page: one HTML file that recomputes a draw in the browser and says yes or no, in both languages.

Guarantees: the page loads nothing and sends nothing (its own policy forbids every connection, and every script but the one it was made
with); it computes with the browser's Web Crypto, or with its own SHA-256 where that is missing; it says what differs, and how each step is
checked by hand. It cannot say when a commitment was published: that is known only where it was published, and the page says so.

Its parts stand in `verifier/`: what is always on it, its style, and its scripts, of which the browser gets one text.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from ..problems import Place, one_problem
from . import html

if TYPE_CHECKING:
    from ..inspection.draw.form import Draw

__all__ = ["CARRIED", "verify_page"]

CARRIED = 8_000_000  # bytes of manifest and drawn file up to which the page carries them
SCRIPTS = ("sha256.js", "draw.js", "checks.js", "page.js")


def verify_page(draw: Draw | None = None, *, limit: int = CARRIED) -> str:
    """The page with a draw in it, which verifies when it is opened; without one, the page that asks for the three files of a draw.

    The record is always carried; manifest and drawn file together up to `limit` bytes, and are asked for where they are more. Raises
    `ProblemError` (`file-missing`, `file-encoding`).
    """
    if draw is None:
        return page_with({}, limit)
    drawn = {"drawn": draw.drawn_file} if draw.revealed else {}
    return page_with({"record": draw.record, "manifest": draw.manifest} | drawn, limit)


def page_with(files: Mapping[str, Path], limit: int = CARRIED) -> str:
    """The page with the `record`, `manifest` and `drawn` file of a draw, whatever is in them."""
    held = {kind: (path.name, text_of(path)) for kind, path in files.items()}
    small = sum(len(text.encode()) for kind, (_, text) in held.items() if kind != "record") <= limit
    carried = {kind: {"name": name, "text": text} for kind, (name, text) in held.items() if small or kind == "record"}
    script = '"use strict";\n\n' + "\n".join(map(part, SCRIPTS))
    body = [part("body.html")]
    if carried:
        data = json.dumps(carried, ensure_ascii=False).replace("<", r"\u003c")
        body.append(f'<script type="application/json" id="carried">{data}</script>')
    return html.page("Check a draw · 核验抽签结果", [*body, f"<script>{script}</script>"], "en", part("style.css"), policy(script))


def part(name: str) -> str:
    """One of the files that the page is made of."""
    return resources.files(__package__).joinpath("verifier", name).read_text("utf-8")


def text_of(path: Path) -> str:
    """A file's text with its line ends as they are."""
    try:
        return path.read_bytes().decode("utf-8")
    except OSError as error:
        raise one_problem("file-missing", f"the file cannot be read: {error.strerror or error}", place=Place(str(path))) from None
    except UnicodeDecodeError:
        raise one_problem("file-encoding", "the file is not UTF-8", place=Place(str(path))) from None


def policy(script: str) -> str:
    """What a browser lets the page do: run this one script, and connect to nothing."""
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    rules = f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
    return f'<meta http-equiv="Content-Security-Policy" content="{rules}">\n'
