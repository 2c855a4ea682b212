"""Both engines on the W3C suite of SHACL: `python -m pytest tests/conformance/test_shacl.py --shacl-suite DIR`.

Judged is in the way that builds judge. What differs from the reports of the suite is listed in shacl-differences.toml
with its reason; a difference that is not listed fails, and so does one that is listed and gone.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from kg.shapes.engines import find_with_pyshacl, find_with_shacl
from tests.conformance.shacl import Validation, judge, read_tests

LIST = Path(__file__).with_name("shacl-differences.toml")
FINDERS = {"pyshacl": find_with_pyshacl, "shacl": find_with_shacl}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "case" in metafunc.fixturenames:
        folder = metafunc.config.getoption("--shacl-suite", default=None)
        cases = list(read_tests(Path(folder).resolve())) if folder else []
        metafunc.parametrize("case", cases, ids=lambda case: case.name)


def listed() -> dict[str, dict[str, str]]:
    return tomllib.loads(LIST.read_text(encoding="utf-8"))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("engine", FINDERS)
def test_an_engine_finds_what_the_suite_expects(case: Validation, engine: str, tmp_path: Path) -> None:
    try:
        found = judge(case, FINDERS[engine], tmp_path / "shapes")
    except Exception as error:
        fault = "" if case.expected is None else f"refused: {error}"
    else:
        fault = "" if found == case.expected else f"expected {case.expected}, found {found}"
    reason = listed().get(engine, {}).get(case.name)
    if fault and not reason:
        pytest.fail(fault)
    assert fault or not reason, f"listed as different, and is not: {reason}"


def test_every_difference_has_a_reason() -> None:
    assert set(listed()) <= set(FINDERS)
    assert all(len(reason.split()) > 4 for differences in listed().values() for reason in differences.values())
