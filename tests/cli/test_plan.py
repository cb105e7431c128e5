"""`regengine plan`: one run with a seed, two runs with a commitment between them, and what is refused."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

Run = Callable[..., Any]
ZONE = Path("scenarios/plan-zone.yaml")
SIZE = 600


@pytest.fixture
def zone(tmp_path: Path) -> Path:
    """The scenario of the zone in a folder of its own, without a seed, with few enterprises."""
    shutil.copytree(ZONE.with_suffix(""), tmp_path / "plan-zone")
    text = ZONE.read_text(encoding="utf-8").replace("size: 21000", f"size: {SIZE}")
    lines = [line for line in text.splitlines() if not line.startswith('  seed: "')]
    path = tmp_path / "plan-zone.yaml"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_two_runs_with_the_commitment_between_them(run: Run, zone: Path, tmp_path: Path) -> None:
    committed, out = tmp_path / "committed", tmp_path / "plan"
    first = run("plan", zone, "--commit", "--out", committed)
    assert first.code == 0 and "Quotas" in first.out and "The plan" not in first.out
    assert {path.name for path in committed.glob("*.draw.jsonl")} == {"market.draw.jsonl", "ecology.draw.jsonl", "safety.draw.jsonl"}
    assert not list(committed.glob("*.drawn.csv")) and not (committed / "plan.parquet").exists()
    second = run("plan", zone, "--committed", committed, "--seed", "2026-01-05 06 11 19", "--out", out)
    assert second.code == 0 and "The plan" in second.out
    for name in ("market", "ecology", "safety"):
        lines = (out / f"{name}.draw.jsonl").read_bytes().splitlines()
        assert lines[:1] == (committed / f"{name}.draw.jsonl").read_bytes().splitlines() and json.loads(lines[1])["seed"] == "2026-01-05 06 11 19"
        assert run("draw", "verify", out / f"{name}.draw.jsonl").code == 0
    assert run("verify", out, "--scenario", zone).code == 0  # the run is made again, with the seed of its draws
    visits = pl.read_parquet(out / "plan.parquet")
    triggered = visits.filter(pl.col("lead").is_not_null())
    assert triggered.height == 10 and triggered["probability"].null_count() == 10 and triggered["date"].null_count() == 0
    public = (out / "public.csv").read_text(encoding="utf-8-sig")
    assert "12315-2025-1222-01" not in public and "示例检查员" not in public


def test_another_rulebook_or_other_data_than_was_committed_to(run: Run, zone: Path, tmp_path: Path) -> None:
    committed = tmp_path / "committed"
    assert run("plan", zone, "--commit", "--out", committed).code == 0
    rules = tmp_path / "plan-zone" / "rules.yaml"
    was = rules.read_text(encoding="utf-8")
    rules.write_text(was.replace("gap: 60 days", "gap: 61 days"), encoding="utf-8")
    refused = run("plan", zone, "--committed", committed, "--seed", "6", "--out", tmp_path / "plan")
    assert refused.code == 2 and refused.err.count("[draw-rulebook]") == 3 and not (tmp_path / "plan").exists()
    digests = {json.loads((committed / "market.draw.jsonl").read_text(encoding="utf-8").splitlines()[0])["rulebook"]["digest"]}
    assert all(digest in refused.err for digest in digests) and "and this run has" in refused.err
    rules.write_text(was, encoding="utf-8")
    refused = run("plan", zone, "--committed", committed, "--seed", "6", "--size", SIZE - 1, "--out", tmp_path / "plan")
    assert refused.code == 2 and "another frame [draw-record]" in refused.err and not (tmp_path / "plan").exists()


def test_what_a_plan_cannot_be_made_of(run: Run, zone: Path, tmp_path: Path) -> None:
    text = zone.read_text(encoding="utf-8")

    def refused(old: str, new: str) -> str:
        assert text.count(old) == 1
        zone.write_text(text.replace(old, new), encoding="utf-8")
        ended = run("plan", zone, "--out", tmp_path / "plan")
        assert ended.code == 2 and not (tmp_path / "plan").exists()
        return str(ended.err)

    assert "the graded table has no column `gird` [scenario-wrong]\n  hint: did you mean `grid`?" in refused("district: grid ", "district: gird ")
    assert "[calendar-unknown]" in refused("last: 2026-12-31", "last: 2027-01-31")
    assert "the plan ends before it begins [scenario-wrong]" in refused("last: 2026-12-31", "last: 2025-12-31")
    assert "the data holds no register `inspection` [scenario-wrong]" in refused("register: inspections", "register: inspection")
    assert "[draw-quota]" in refused("      hours: 2\n", "      hours: 2\n      ratios: {B: 3%}\n")
    assert "[file-missing]" in refused("inspectors: plan-zone/inspectors.csv", "inspectors: plan-zone/inspector.csv")
    assert "[inspector-wrong]" in refused("    - id: safety", "    - id: fire")


def test_options_that_do_not_go_together(run: Run, zone: Path) -> None:
    assert "[option-wrong]" in run("plan", zone, "--commit", "--seed", "6").err
    assert "has no `plan` [scenario-wrong]" in run("plan", "scenarios/quickstart.yaml").err


def test_planning_again_keeps_what_is_fixed_and_tells_the_difference(run: Run, zone: Path, tmp_path: Path) -> None:
    out, again = tmp_path / "plan", tmp_path / "again"
    assert run("plan", zone, "--seed", "6 6 1", "--out", out).code == 0
    was = pl.read_parquet(out / "plan.parquet")
    over = was.filter(pl.col("date") < pl.date(2026, 3, 2)).sort("visit")
    missed = over["visit"][0]
    findings = over.filter(pl.col("visit") != missed).select("visit", "date", finding=pl.lit("pass"))
    findings.write_csv(tmp_path / "findings.csv")
    visits = tmp_path / "visits.parquet"
    assert run("plan", "record", out, "--findings", tmp_path / "findings.csv", "--out", visits).code == 0
    row = was.filter((pl.col("date") > pl.date(2026, 6, 1)) & (pl.col("department") == "market")).sort("date").row(-1, named=True)
    leads = tmp_path / "plan-zone" / "triggers.csv"
    leads.write_text(leads.read_text(encoding="utf-8") + f"{row['enterprise']},safety,complaint,2026-02-20,,late-1,\n", encoding="utf-8")
    options = ("--earlier", out, "--today", "2026-03-02", "--freeze-until", "2026-03-20", "--made", visits)
    ended = run("plan", zone, *options, "--challenge", f"{row['visit']}={row['inspectors'][0]}", "--out", again)
    assert ended.code == 0 and "Changed since the earlier plan" in ended.out
    changed = {one["visit"]: one for one in pl.read_csv(again / "difference.csv", infer_schema=False).iter_rows(named=True)}
    assert changed[missed]["change"] == "day" and changed[missed]["debt"] == "true" and changed[missed]["new_day"] > "2026-03-20"
    new = f"safety/{row['enterprise']}/complaint-1"
    assert changed[new]["change"] == "added"
    assert changed[row["visit"]]["change"] == "team" and row["inspectors"][0] not in changed[row["visit"]]["new_team"].split(";")
    assert set(changed) == {missed, new, row["visit"]}
    (replaced,) = pl.read_parquet(again / "replaced.parquet").filter(pl.col("challenge")).iter_rows(named=True)
    assert (replaced["visit"], replaced["out"]) == (row["visit"], row["inspectors"][0])
    assert (again / "market.draw.jsonl").read_bytes() == (out / "market.draw.jsonl").read_bytes()
    assert "rerun" in run("verify", again, "--scenario", zone).out


def test_a_redraw_takes_the_place_of_who_cannot_be_visited(run: Run, zone: Path, tmp_path: Path) -> None:
    out, again = tmp_path / "plan", tmp_path / "again"
    assert run("plan", zone, "--seed", "6 6 1", "--out", out).code == 0
    gone = pl.read_csv(out / "market.drawn.csv", infer_schema=False).row(0, named=True)["enterprise"]
    assert run("draw", "redraw", out / "market.draw.jsonl", "--enterprise", gone, "--reason", "moved away").code == 0
    came = json.loads((out / "market.draw.jsonl").read_text(encoding="utf-8").splitlines()[2])["in"]
    assert run("plan", zone, "--earlier", out, "--today", "2026-01-01", "--out", again).code == 0
    visited = set(pl.read_parquet(again / "plan.parquet").filter((pl.col("department") == "market") & (pl.col("kind") == "draw"))["enterprise"])
    assert gone not in visited and came in visited


def test_options_of_planning_again(run: Run, zone: Path, tmp_path: Path) -> None:
    assert "[option-wrong]" in run("plan", zone, "--today", "2026-03-02").err
    assert "give `--today YYYY-MM-DD`" in run("plan", zone, "--earlier", tmp_path).err
    assert "there is no plan in this folder [file-missing]" in run("plan", zone, "--earlier", tmp_path, "--today", "2026-03-02").err
    assert "names no visit and inspector" in run("plan", zone, "--earlier", tmp_path, "--today", "2026-03-02", "--challenge", "x").err
