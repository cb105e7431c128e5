"""What conformance tests share: the rulebooks of the case files, loaded once, and Spark as an engine."""

from __future__ import annotations

from typing import Any

import pytest

from .engines import Engine, pyspark
from .form import Scheme, load_schemes, read_cases


@pytest.fixture(scope="session")
def schemes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Scheme]:
    """Every rulebook of the case files, by id."""
    rulebooks = [rulebook for file in read_cases().values() for rulebook in file.rulebooks]
    return load_schemes(rulebooks, tmp_path_factory.mktemp("rules"))


@pytest.fixture(scope="session")
def spark_engine(spark: Any) -> Engine:
    """PySpark, on the Spark that all tests share."""
    return pyspark(spark)
