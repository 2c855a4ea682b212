"""A release is a dataset that strangers can read: whole, described, always the same, and never half there."""

import hashlib
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from rocrate.rocrate import ROCrate

from kg.errors import NotFoundError, ReleaseError
from kg.exports import FORMATS
from kg.exports.origin import Origin
from kg.graph import open_build
from kg.release.folder import Release, write_release
from kg.release.leaflets import Contents, file_of, write_citation, write_licence, write_readme
from kg.settings import DEFAULT_BASE, Settings
from kg.stores.connect import Build

from .test_cli import run

OPTIONAL = [f.name for f in FORMATS if f.name not in ("nq", "csv", "bibtex")]
OTHERS = {"README.md", "LICENSE", "CITATION.cff", "SHA256SUMS", "ro-crate-metadata.json"}
#: The keys that version 1.2.0 of the Citation File Format knows, and those that it needs.
CFF = {
    "abstract", "authors", "cff-version", "commit", "contact", "date-released", "doi", "identifiers", "keywords",
    "license", "license-url", "message", "preferred-citation", "references", "repository", "repository-artifact",
    "repository-code", "title", "type", "url", "version",
}  # fmt: skip
CFF_NEEDED = {"authors", "cff-version", "message", "title"}


@pytest.fixture(scope="module")
def released(built: tuple[Settings, Build], tmp_path_factory: pytest.TempPathFactory) -> Release:
    with open_build(*built) as graph:
        return write_release(graph, built[1], tmp_path_factory.mktemp("release") / "first")


def test_every_format_is_there_with_its_texts(released: Release) -> None:
    assert set(released.files) == {*map(file_of, FORMATS), *OTHERS}
    assert released.size == sum(p.stat().st_size for p in released.folder.iterdir()) > 100_000
    assert (released.folder / "claimgraph.nq").stat().st_size == released.files["claimgraph.nq"]


def test_two_releases_of_one_build_are_the_same(
    released: Release, built: tuple[Settings, Build], tmp_path: Path
) -> None:
    with open_build(*built) as graph:
        again = write_release(graph, built[1], tmp_path / "again")
    assert again.files == released.files
    for name in again.files:
        assert (again.folder / name).read_bytes() == (released.folder / name).read_bytes(), name


def test_the_sums_are_those_of_all_other_files(released: Release, built: tuple[Settings, Build]) -> None:
    lines = (released.folder / "SHA256SUMS").read_text().splitlines()
    sums = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
    assert sums.keys() == released.files.keys() - {"SHA256SUMS"}
    for name, digest in sums.items():
        assert hashlib.sha256((released.folder / name).read_bytes()).hexdigest() == digest
    assert sums["claimgraph.nq"] == built[1].digest


def test_an_ro_crate_reader_finds_every_file_with_what_it_is(released: Release, built: tuple[Settings, Build]) -> None:
    crate = ROCrate(released.folder)
    files = {e.id: e for e in crate.data_entities}
    assert files.keys() == released.files.keys() - {"ro-crate-metadata.json"}
    for name, entity in files.items():
        assert entity.type == "File" and entity["encodingFormat"] and entity["name"]
        if name != "SHA256SUMS":
            assert entity["contentSize"] == str(released.files[name])
            assert entity["sha256"] == hashlib.sha256((released.folder / name).read_bytes()).hexdigest()
    root = crate.root_dataset
    assert root["identifier"] == f"sha256:{built[1].digest}"
    assert root["license"].id == "https://creativecommons.org/licenses/by/4.0/"
    assert root["datePublished"].startswith("2026-01-02")
    assert root["author"]["name"] == "Claimgraph"
    sources = {e.id.rpartition("/")[2]: e["name"] for e in root["isBasedOn"]}
    assert sources == {"calm-nights": "Calm nights with veltrine", "veltrine-doubts": "Doubts about veltrine"}


def test_every_entity_of_the_crate_is_reached_and_named_once(released: Release) -> None:
    graph = json.loads((released.folder / "ro-crate-metadata.json").read_text())["@graph"]
    ids = [entity["@id"] for entity in graph]
    assert len(set(ids)) == len(ids)
    named = set(re.findall(r'\{"@id": "([^"]+)"\}', json.dumps(graph)))
    assert named - {"https://w3id.org/ro/crate/1.2"} == set(ids) - {"ro-crate-metadata.json"}


def test_the_citation_is_valid_cff(released: Release, built: tuple[Settings, Build]) -> None:
    found = yaml.safe_load((released.folder / "CITATION.cff").read_text(encoding="utf-8"))
    assert found.keys() >= CFF_NEEDED and found.keys() <= CFF
    assert found["cff-version"] == "1.2.0" and found["type"] == "dataset" and found["license"] == "CC-BY-4.0"
    assert found["authors"] == [{"name": "Claimgraph", "website": "https://w3id.org/claimgraph/"}]
    assert found["version"] == f"0.1.0+{built[1].digest[:16]}"
    assert str(found["date-released"]) == "2026-01-02"
    assert [i["type"] for i in found["identifiers"]] == ["other"]
    assert found["identifiers"][0]["value"] == f"sha256:{built[1].digest}"


def test_the_citation_of_the_repository_is_valid_cff_and_says_what_the_package_says() -> None:
    root = Path(__file__).parents[2]
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    found = yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))
    assert found.keys() >= CFF_NEEDED and found.keys() <= CFF
    assert found["title"].lower() == project["name"] and found["abstract"] == project["description"]
    assert (found["type"], found["version"], found["license"]) == ("software", project["version"], project["license"])
    assert found["url"] == DEFAULT_BASE and found["authors"] == [{"name": found["title"], "website": DEFAULT_BASE}]


def test_the_readme_tells_what_there_is_and_its_examples_run(released: Release) -> None:
    text = (released.folder / "README.md").read_text(encoding="utf-8")
    assert "15 claims on 12 propositions" in text
    assert "- Calm nights with veltrine, 2025 (7 claims)" in text
    for form in FORMATS:
        assert f"| `{file_of(form)}` | {form.summary}".replace("joined by |", "joined by \\|") in text
    examples = re.findall(r"```python\n(.*?)```", text, re.S)
    printed = [
        subprocess.run(
            [sys.executable, "-c", e], cwd=released.folder, capture_output=True, text=True, check=True
        ).stdout
        for e in examples
    ]
    assert "The Sleep Agency has not approved veltrine for insomnia." in printed[0]
    assert printed[1].strip() == "15"


def test_a_folder_that_holds_something_is_left_alone(built: tuple[Settings, Build], tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full/mine.txt").write_text("mine")
    with open_build(*built) as graph:
        for target, told in (
            ("full", "is not empty"),
            ("full/mine.txt", "is a file"),
            ("no/where", "cannot be written"),
        ):
            with pytest.raises(ReleaseError, match=told):
                write_release(graph, built[1], tmp_path / target)
        (tmp_path / "empty").mkdir()
        write_release(
            graph, built[1], tmp_path / "empty", [f.name for f in FORMATS if f.name not in ("nq", "csv", "bibtex")]
        )
        with pytest.raises(ReleaseError, match="bibtex, csv, nq always"):
            write_release(graph, built[1], tmp_path / "other", ["csv"])
        with pytest.raises(NotFoundError, match="nearest: graphml"):
            write_release(graph, built[1], tmp_path / "other", ["grphml"])
    assert [p.name for p in (tmp_path / "full").iterdir()] == ["mine.txt"]
    assert {p.name for p in (tmp_path / "empty").iterdir()} == {
        "claimgraph.nq",
        "claimgraph.csv.zip",
        "claimgraph.bib",
    } | OTHERS
    assert "Left out: trig, " in (tmp_path / "empty/README.md").read_text()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["empty", "full"]


def test_without_an_extra_it_is_told_what_to_do_and_nothing_is_left(
    built: tuple[Settings, Build], tmp_path: Path
) -> None:
    (tmp_path / "blocked").mkdir()
    (tmp_path / "blocked/pyarrow.py").write_text("raise ImportError('not here')")
    done = run(built[0], "release", str(tmp_path / "out"), PYTHONPATH=str(tmp_path / "blocked"))
    assert done.returncode == 2
    assert "pip install 'claimgraph[arrow]'; or leave it out: --without parquet" in done.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["blocked"]
    some = [f"--without={name}" for name in OPTIONAL]
    done = run(built[0], "release", str(tmp_path / "out"), *some, PYTHONPATH=str(tmp_path / "blocked"))
    assert re.match(rf"8 files, \d+ bytes, build {built[1].digest}: ", done.stdout), done.stderr


def test_imported_data_keeps_its_own_licence_and_titles_are_no_markup() -> None:
    row = {
        "document": "d",
        "iri": "e:d",
        "title": "<b> & *all* [x](y)",
        "claims": 2,
        "imported": True,
        "licence": "e:l",
    }
    contents = Contents(Origin("ab" * 32, "2026-01-02", "http://e.org/", {}), {"claims": 2}, [row], FORMATS[:1], ())
    assert "under e:l:\nd\n" in write_licence(contents)
    assert "- \\<b\\> & \\*all\\* \\[x\\](y) (2 imported claims)" in write_readme(contents)
    assert yaml.safe_load(write_citation(contents))["version"] == "0+abababababababab"
