"""What benchmarks are run on, made once for each size and kept in the folder of the run."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from kg import build as builder
from kg.check import Verdict
from kg.check import _write as write_all
from kg.model import Corpus
from kg.names import Names
from kg.rdf.write import digest
from kg.settings import Settings
from kg.shapes.validation import write_report
from kg.vocabulary import Vocabulary, read_vocabulary
from tests.benchmarks.corpus import Invention
from tests.benchmarks.folder import read_corpus, write_data
from tests.benchmarks.harness import note

#: Only the shipped ontology, whatever the environment says.
SETTINGS = Settings()
NAMES = Names(SETTINGS.base)


def vocabulary() -> Vocabulary:
    """Return the shipped vocabulary."""
    return read_vocabulary(SETTINGS.ontology, SETTINGS.base)


def invent(claims: int) -> Corpus:
    """Return the model of so many claims."""
    words = vocabulary()
    return read_corpus(Invention(claims, words), words)


def data(place: Path, claims: int) -> Settings:
    """Return settings over a data folder of so many claims, with its texts; its builds are the caller's to name."""
    home = place / f"{claims}"
    if not (home / "data").exists():
        note(f"writing a data folder of {claims:,} claims")
        write_data(home / "data.tmp", Invention(claims, vocabulary()), home / "texts")
        (home / "data.tmp").rename(home / "data")
    return replace(SETTINGS, data=home / "data", sources=(home / "texts",), builds=home / "checked", engine="shacl")


def built(place: Path, claims: int) -> Settings:
    """Return settings over a build of so many claims, made from the model; nothing is read and no shape applied."""
    settings = replace(SETTINGS, builds=place / f"{claims}" / "builds")
    if not (settings.builds / "current").exists():
        note(f"making a build of {claims:,} claims")
        subprocess.run([sys.executable, "-m", "tests.benchmarks.material", str(place), str(claims)], check=True)
    return settings


def make_build(place: Path, claims: int) -> None:
    """Make a build from the model."""
    settings = replace(SETTINGS, builds=place / f"{claims}" / "builds")
    settings.builds.mkdir(parents=True, exist_ok=True)
    words, corpus = vocabulary(), invent(claims)
    lines = write_all(corpus, words, NAMES)
    lines.add(write_report([], NAMES))
    verdict = Verdict(words, corpus, [], lines, [], 0, 0)
    folder = builder._write(settings, digest(lines), lines, verdict, lambda _: None)
    builder._link(settings, folder)


def quads(place: Path, claims: int) -> Path:
    """Return the canonical N-Quads of a build of so many claims."""
    return built(place, claims).builds / "current" / "graph.nq"


def native(place: Path, claims: int) -> Path:
    """Return a folder that Oxigraph's own program loaded with the quads of a build."""
    home, found = place / f"{claims}" / "native", quads(place, claims)
    if not home.exists():
        note(f"loading {claims:,} claims with oxigraph")
        fresh = home.with_suffix(".tmp")
        shutil.rmtree(fresh, ignore_errors=True)
        for file in (found, found.with_name("dataset.nq")):
            command = [program("oxigraph"), "load", "--location", str(fresh), "--file", str(file)]
            subprocess.run(command, check=True, capture_output=True)
        subprocess.run([program("oxigraph"), "optimize", "--location", str(fresh)], check=True, capture_output=True)
        fresh.rename(home)
    return home


def program(name: str) -> str:
    """Return the path of a program, one that pip put beside this Python before others."""
    beside = Path(sys.executable).with_name(name)
    found = str(beside) if beside.exists() else shutil.which(name)
    if found is None:
        raise RuntimeError(f"the program {name!r} is not there; pip install '.[bench]'")
    return found


if __name__ == "__main__":
    make_build(Path(sys.argv[1]), int(sys.argv[2]))
