"""Toronto DineSafe end to end: from the register to facts, to grades on every month's eve, to what the next visit found."""

from __future__ import annotations

from pathlib import Path

import pytest
from toronto import FILE, REFERENCE_AUC, REFERENCE_BAD, backtest


def test_the_grade_tells_the_next_visit(shared_data: Path) -> None:
    found = backtest(shared_data / FILE)
    # the data notes count the visits that are told, and the share of bad ones among them
    assert found.visits == 58_718
    assert found.base == pytest.approx(0.216, abs=0.0005)
    assert found.auc == pytest.approx(REFERENCE_AUC, abs=0.005)
    assert list(found.bad) == ["A", "B", "C", "D"]
    assert found.bad == pytest.approx(REFERENCE_BAD, abs=0.01)
    assert list(found.shares.values()) == pytest.approx([0.50, 0.30, 0.15, 0.05], abs=0.025)
