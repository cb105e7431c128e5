"""Recompute a draw from its published files with Python alone: `python3 verify_draw.py NAME.draw.jsonl`. Prints yes (exit 0) or every no (exit 1)."""

import csv
import hashlib
import json
import sys
from fractions import Fraction
from math import ceil
from pathlib import Path

record = Path(sys.argv[1])
lines = record.read_bytes().split(b"\n")
commitment, reveal, *redraws = map(json.loads, lines[:-1]) if len(lines) > 2 else sys.exit("no: nothing is revealed yet")
wrong = [] if lines.pop() == b"" else ["the last line of the record is cut short"]
if commitment["algorithm"] != "sha256-ticket-1":
    wrong.append("this script does not know the algorithm of the draw")
entries, frame, quotas = [commitment, reveal, *redraws], commitment["frame"], commitment["quotas"]
for above, entry, kind in zip([None, *lines[:-1]], entries, ["commitment", "reveal", *["redraw"] * len(redraws)], strict=True):
    if entry["previous"] != (above and hashlib.sha256(above).hexdigest()) or entry["entry"] != kind:
        wrong.append(f"the chain of the record breaks at {entry}")
manifest, drawn_file = (record.with_name(Path(entry[of]).name) for entry, of in ((commitment, "manifest"), (reveal, "drawn_file")))
for path, said in (manifest, commitment["manifest_sha256"]), (drawn_file, reveal["drawn_sha256"]):
    if hashlib.sha256(path.read_bytes()).hexdigest() != said:
        wrong.append(f"{path.name} does not have the SHA-256 of the record")
rows = list(csv.reader(drawn_file.open(encoding="utf-8", newline="")))[1:]
last = dict.fromkeys([*frame, "floor"], "")  # the latest ticket that the files name in each stratum; all before it must be named too
for name, ticket in [(row[0], row[3]) for row in rows] + [(entry["stratum"], entry["ticket"]) for entry in redraws]:
    last[name] = max(last.get(name, ""), ticket)
first = {row[2].encode() for row in rows if row[0] != "floor"}
population, found, before = {name.encode(): 0 for name in frame}, {name: [] for name in last}, b""
start, floor_start = (f"{commitment['draw_id']}{of}|{reveal['seed']}|".encode() for of in ("", "/floor"))
names, limits, floor_limit, sha256 = {name.encode(): name for name in frame}, {h.encode(): last[h] for h in frame}, last["floor"], hashlib.sha256
for line in manifest.open("rb"):
    key, _, stratum = line[:-1].partition(b"|")
    if line <= before or stratum not in names or before.startswith(key + b"|") or not key or line[-1:] != b"\n":
        sys.exit(f"no: the line {line} is not in its place in the manifest, or in no stratum")
    before = line
    population[stratum] += 1
    if (ticket := sha256(start + key).hexdigest()) <= limits[stratum]:
        found[names[stratum]].append((ticket, key.decode(), names[stratum]))
    if floor_limit and (ticket := sha256(floor_start + key).hexdigest()) <= floor_limit and key not in first:
        found["floor"].append((ticket, key.decode(), names[stratum]))
n = {h: ceil(Fraction(q["ratio"]) * frame[h]) for h, q in quotas.items()}
n = {h: n[h] and min(max(n[h], min(q.get("at_least", 0), frame[h])), q.get("at_most", frame[h])) for h, q in quotas.items()}
rest = sum(frame.values()) - sum(n.values())
floor = ceil(Fraction(commitment["random_floor"] or 0) * rest)
if {names[of]: many for of, many in population.items()} != frame or quotas.keys() != frame.keys() or (reveal["drawn"], reveal["floor"]) != (n, floor):
    wrong.append("the strata of the manifest, their quotas, or the numbers drawn are not those of the record")
chance = {h: Fraction(n[h], frame[h]) + (1 - Fraction(n[h], frame[h])) * Fraction(floor, rest or 1) for h in frame}
order = [(h, i, *one) for h in [*sorted(n, key=str.encode), "floor"] for i, one in enumerate(sorted(found[h])[: n.get(h, floor)], 1)]
if len(rows) != sum(n.values()) + floor or rows != [[h, str(i), key, ticket, str(chance[home])] for h, i, ticket, key, home in order]:
    wrong.append("the drawn file does not name those whom the seed draws, or not with their tickets and chances")
strata = {one[3]: one[0] for one in order}  # whom each redraw may replace, and by whom
for entry in redraws:
    following = next((one[:2] for one in sorted(found[entry["stratum"]]) if one[1] not in strata), None)
    if strata.get(entry["out"]) != entry["stratum"] or following != (entry["ticket"], entry["in"]):
        wrong.append(f"not the next by ticket, or nobody who could be replaced: {entry}")
    strata |= {entry["in"]: entry["stratum"], entry["out"]: None}
said = [f"no: {why}" for why in wrong] or [f"yes: {len(rows)} drawn and {len(redraws)} redrawn of {sum(frame.values())}, as committed to"]
sys.exit(sys.stdout.write("\n".join(said) + "\n") and int(bool(wrong)))
