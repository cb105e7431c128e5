"""The three files of a draw, written straight from the contract with hashlib and nothing of regengine: what the page must agree with."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import Any

__all__ = ["DrawFiles", "entries", "record_text", "write_draw"]

Quotas = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class DrawFiles:
    """Where the files of a draw stand."""

    record: Path
    manifest: Path
    drawn: Path

    @property
    def all(self) -> tuple[Path, Path, Path]:
        return self.record, self.manifest, self.drawn

    @property
    def held(self) -> dict[str, Path]:
        return {"record": self.record, "manifest": self.manifest, "drawn": self.drawn}


def sha256(data: bytes | str) -> str:
    return hashlib.sha256(data.encode() if isinstance(data, str) else data).hexdigest()


def in_order(keys: Sequence[str], draw_id: str, seed: str) -> list[tuple[str, str]]:
    return sorted((sha256(f"{draw_id}|{seed}|{key}"), key) for key in keys)


def number(quota: Mapping[str, Any], population: int) -> int:
    ratio = Fraction(quota["ratio"])
    if not ratio:
        return 0
    return min(max(ceil(ratio * population), min(quota.get("at_least", 0), population)), quota.get("at_most", population))


def record_text(written: Sequence[Mapping[str, Any]]) -> str:
    """The lines of a record; each names the hash of the one before it."""
    previous, lines = None, []
    for entry in written:
        lines.append(json.dumps({**entry, "previous": previous}, sort_keys=True, separators=(",", ":"), ensure_ascii=False))
        previous = sha256(lines[-1])
    return "".join(f"{line}\n" for line in lines)


def entries(record: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in record.read_text("utf-8").splitlines()]


def write_draw(
    folder: Path,
    frame: Mapping[str, str],
    quotas: Quotas,
    *,
    draw_id: str = "zone-2026-q1",
    seed: str | None = "06 11 19",
    floor: str | None = None,
    redraws: Sequence[str] = (),
    name: str = "zone",
) -> DrawFiles:
    """Write a draw; `seed` None leaves it at the commitment, `redraws` are strata of which the first drawn cannot be visited."""
    manifest = "".join(sorted((f"{key}|{stratum}\n" for key, stratum in frame.items()), key=str.encode))
    strata = {stratum: [key for key in frame if frame[key] == stratum] for stratum in sorted(set(frame.values()), key=str.encode)}
    commitment = {
        "entry": "commitment", "algorithm": "sha256-ticket-1", "draw_id": draw_id, "manifest": f"{name}.manifest.txt", "manifest_sha256": sha256(manifest),
        "frame": {stratum: len(keys) for stratum, keys in strata.items()}, "quotas": quotas, "random_floor": floor,
        "rulebook": {"id": "cn/samr-2022", "edition": "1.0", "digest": "0" * 64}, "law_at": "2026-01-01",
        "as_of": "2026-01-05", "seed_from": "the lottery of 6 January",
    }  # fmt: skip
    written: list[dict[str, Any]] = [commitment]
    files = DrawFiles(folder / f"{name}.draw.jsonl", folder / f"{name}.manifest.txt", folder / f"{name}.drawn.csv")
    if seed is not None:
        n = {stratum: number(quotas[stratum], len(keys)) for stratum, keys in strata.items()}
        orders = {stratum: in_order(keys, draw_id, seed) for stratum, keys in strata.items()}
        drawn = {stratum: order[: n[stratum]] for stratum, order in orders.items()}
        rest = [key for stratum, order in orders.items() for _, key in order[n[stratum] :]]
        n_floor = ceil(Fraction(floor or 0) * len(rest))
        if floor is not None:
            orders["floor"] = in_order(rest, f"{draw_id}/floor", seed)
            drawn["floor"] = orders["floor"][:n_floor]
        lines = ["stratum,position,enterprise,ticket,probability"]
        for stratum, rows in drawn.items():
            for place, (ticket, key) in enumerate(rows, 1):
                p = Fraction(n[frame[key]], len(strata[frame[key]]))
                p += (1 - p) * Fraction(n_floor, len(rest) or 1)
                lines.append(f"{stratum},{place},{quoted(key)},{ticket},{p.numerator}/{p.denominator}")
        text = "".join(f"{line}\n" for line in lines)
        files.drawn.write_text(text, "utf-8", newline="\n")
        written.append({"entry": "reveal", "seed": seed, "drawn": n, "floor": n_floor, "drawn_file": files.drawn.name, "drawn_sha256": sha256(text)})
        used = {key for rows in drawn.values() for _, key in rows}
        for stratum in redraws:
            ticket, key = next(one for one in orders[stratum] if one[1] not in used)
            used.add(key)
            written.append({"entry": "redraw", "stratum": stratum, "out": drawn[stratum].pop(0)[1], "in": key, "ticket": ticket, "reason": "closed"})
    files.manifest.write_text(manifest, "utf-8", newline="\n")
    files.record.write_text(record_text(written), "utf-8", newline="\n")
    return files


def quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if "," in cell or '"' in cell else cell
