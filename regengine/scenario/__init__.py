"""A scenario: one YAML file that names a rulebook, a table and what to report, run the same way every time.

scenario = read_scenario("scenarios/quickstart.yaml")
run = run_scenario(scenario, Path("out/quickstart"))
verify("out/quickstart").problems  # () where everything that could be checked agrees
"""

from __future__ import annotations

from .form import Scenario, read_scenario
from .run import Run, run_scenario
from .verify import Check, Verification, verify

__all__ = ["Check", "Run", "Scenario", "Verification", "read_scenario", "run_scenario", "verify"]
