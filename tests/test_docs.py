"""What there is is documented, and what is documented is there."""

import re
from dataclasses import fields
from pathlib import Path

import pytest
from typer.main import get_command

from kg.cli.__main__ import app
from kg.corpus.rows import ClaimRow, DocumentFile, EntityRow
from kg.query import read_queries
from kg.settings import Settings

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
GUIDE = (ROOT / "data/README.md").read_text(encoding="utf-8")


def test_every_command_is_in_the_readme_and_has_help() -> None:
    commands = get_command(app).commands  # type: ignore[attr-defined]
    for name, command in commands.items():
        assert f"kg {name}" in README
        assert command.help


def test_every_command_of_the_readme_exists() -> None:
    commands = get_command(app).commands  # type: ignore[attr-defined]
    assert set(re.findall(r"\bkg ([a-z]+)\b", README)) <= set(commands)


def test_every_setting_is_in_the_readme() -> None:
    source = (ROOT / "kg/settings.py").read_text(encoding="utf-8")
    variables = set(re.findall(r"#: (KG_[A-Z]+):", source))
    assert len(variables) == len(fields(Settings))
    assert variables == set(re.findall(r"`(KG_[A-Z]+)`", README))


@pytest.mark.parametrize("query", read_queries().values(), ids=lambda q: q.name)
def test_every_query_and_parameter_is_described(query) -> None:  # type: ignore[no-untyped-def]
    assert query.summary.endswith(".")
    declared = set(re.findall(r"VALUES \?(\w+) \{ UNDEF \}", query.text))
    assert declared == {p.name for p in query.parameters}


@pytest.mark.parametrize(
    ("table", "shape"), [("claim", ClaimRow), ("entity", EntityRow), ("document", DocumentFile)], ids=lambda v: str(v)
)
def test_every_key_of_a_curated_file_is_in_the_guide(table: str, shape: type) -> None:
    for name, field in shape.model_fields.items():  # type: ignore[attr-defined]
        assert (field.alias or name) in GUIDE, f"{table}: {name}"


def test_the_repository_names_no_workplace() -> None:
    machine = re.compile(r"(^|[^a-z.])/(work|root|tmp/[a-z])[/\"']")
    for path in ROOT.rglob("*"):
        parts = path.relative_to(ROOT).parts
        if path.suffix in {".py", ".md", ".toml", ".ttl", ".rq", ".html", ".lock"} and not parts[0].startswith("."):
            assert not machine.search(path.read_text(encoding="utf-8", errors="replace")), path
