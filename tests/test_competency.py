"""What a researcher asks of the five documents, and the complete answers: tests/competency.toml."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kg.names import CG, Names
from kg.query import ask_table, get_query, read_queries
from kg.settings import Settings
from kg.stores.base import Store
from kg.stores.connect import Build, connect

QUERIES = read_queries()
NAMES = Names(Settings().base)
QUESTIONS: list[dict[str, Any]] = tomllib.loads(
    Path(__file__).with_name("competency.toml").read_text(encoding="utf-8"),
)["question"]
each_question = pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: q["question"])


@pytest.fixture(scope="module")
def store(five: tuple[Settings, Build]) -> Iterator[Store]:
    opened = connect(*five)
    yield opened
    opened.close()


def shorten(value: Any) -> Any:
    """Return the name that an IRI of the vocabulary or under the base ends in; leave anything else."""
    if not isinstance(value, str):
        return value
    if value.startswith(CG):
        return value.removeprefix(CG)
    return value.rpartition("/")[2] if value.startswith(NAMES.base) else value


def lines(rows: set[tuple[Any, ...]]) -> list[str]:
    return sorted(" | ".join(map(str, row)) for row in rows)


def test_there_are_enough_different_questions() -> None:
    assert len({q["question"] for q in QUESTIONS}) == len(QUESTIONS) >= 25


@each_question
def test_a_question_has_a_query_and_an_answer(question: dict[str, Any]) -> None:
    query = get_query(question["query"], QUERIES)
    assert set(question.get("parameters", {})) <= {p.name for p in query.parameters}
    assert question["answer"]
    assert {len(row) for row in question["answer"]} == {len(question["columns"])}
    assert len({tuple(row) for row in question["answer"]}) == len(question["answer"])


@each_question
def test_the_graph_gives_the_answer_and_nothing_else(store: Store, question: dict[str, Any]) -> None:
    query = get_query(question["query"], QUERIES)
    table = ask_table(store, query.bind(question.get("parameters", {}), NAMES))
    assert set(question["columns"]) <= set(table.columns)
    given = {tuple(shorten(row.get(column, "")) for column in question["columns"]) for row in table.rows}
    expected = {tuple(row) for row in question["answer"]}
    assert (lines(expected - given), lines(given - expected)) == ([], []), "missing from the graph, only in the graph"
