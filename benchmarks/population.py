"""Populations for benchmarks: synthetic enterprises of the national zones with the facts that their registers show."""

from __future__ import annotations

import tempfile
from pathlib import Path

import regengine as rg
from regengine.bench import RULEBOOK, netdz_facts


def population(size: int) -> Path:
    """A Parquet file of `size` gradable enterprises for `cn/henan-2022`; made once and kept in the temporary folder."""
    path = Path(tempfile.gettempdir()) / f"regengine-netdz-{rg.load(RULEBOOK).digest[:12]}-{size}.parquet"
    if not path.exists():
        made = path.with_suffix(".partial")
        netdz_facts(made, size)
        made.rename(path)
    return path
