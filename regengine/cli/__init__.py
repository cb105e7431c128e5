"""The command line: `regengine` installed, `python cli.py` in a checkout. A thin cover over the library."""

from __future__ import annotations

from .main import main

__all__ = ["main"]
