from pathlib import Path

import pytest

from kg.check import check, check_labels
from kg.settings import Settings

BROKEN = sorted(p for p in (Path(__file__).parents[1] / "broken").iterdir() if p.is_dir())


def overlay(fault: Path, data: Path) -> None:
    for file in fault.rglob("*"):
        target = data / file.relative_to(fault)
        if file.is_dir() or file.name == "expect.txt":
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        if file.suffix == ".absent":
            target.with_suffix("").unlink()
        else:
            target.write_bytes(file.read_bytes())


def test_the_tiny_corpus_is_clean(settings: Settings) -> None:
    verdict = check(settings)
    assert verdict.findings == []
    assert verdict.proved == 19
    assert verdict.unproved == 0


@pytest.mark.parametrize("fault", BROKEN, ids=lambda p: p.name)
def test_each_fault_gives_its_finding(fault: Path, settings: Settings) -> None:
    overlay(fault, settings.data)
    severity, rule, message = (fault / "expect.txt").read_text().splitlines()
    findings = check(settings, shapes=False).findings
    hits = [f for f in findings if f.rule == rule and message in f.message + f.hint]
    assert hits, [str(f) for f in findings]
    assert hits[0].severity == severity
    assert hits[0].file.endswith((".toml", "entities"))
    if severity == "error":
        others = {f.rule for f in findings if f.severity == "error"} - {rule}
        assert not others - {"duplicate-id", "unknown-work"}, "one fault, one kind of error"


def test_an_unknown_name_comes_with_the_nearest_known_ones(settings: Settings) -> None:
    claims = settings.data / "sleep/veltrine-doubts/claims.toml"
    claims.write_text(claims.read_text().replace('subject = "veltrine"', 'subject = "veltrin"', 1))
    (finding,) = check(settings, shapes=False).errors
    assert finding.hint == "nearest: veltrine"
    assert finding.line == 1
    assert finding.place == "claim veltrine-raises-glutanol"


def test_all_findings_come_in_one_run(settings: Settings) -> None:
    claims = settings.data / "sleep/veltrine-doubts/claims.toml"
    claims.write_text(claims.read_text().replace('relation = "', 'relation = "x'))
    assert sum(f.rule == "unknown-relation" for f in check(settings, shapes=False).errors) == 8


def test_without_the_texts_the_form_is_checked_and_the_rest_is_counted(settings: Settings) -> None:
    verdict = check(Settings(data=settings.data), shapes=False)
    assert not verdict.errors
    assert (verdict.proved, verdict.unproved) == (0, 19)


def test_a_text_that_no_document_has_is_told(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "stray.txt").write_text("A stray text.", encoding="utf-8")
    found = check(Settings(data=settings.data, sources=(*settings.sources, tmp_path)), shapes=False).findings
    assert [f.rule for f in found] == ["digest"]


def test_texts_are_found_by_digest_whatever_they_are_called(settings: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "texts"
    folder.mkdir()
    for number, text in enumerate(settings.sources[0].glob("*.txt")):
        (folder / f"{number}.txt").write_bytes(text.read_bytes())
    assert check(Settings(data=settings.data, sources=(folder,)), shapes=False).proved == 19


def test_label_tables_reveal_drift(settings: Settings, tmp_path: Path) -> None:
    table = tmp_path / "mondo.tsv"
    header = "curie\tlabel\tsynonyms\tobsolete\treplaced_by\n"
    corpus = check(settings, shapes=False).corpus
    table.write_text(header + "MONDO:0013600\tinsomnia\t\t0\t\n")
    assert check_labels(corpus, tmp_path) == []
    table.write_text(header + "MONDO:0013600\tsleeplessness\t\t0\t\n")
    assert "sleeplessness" in check_labels(corpus, tmp_path)[0].message
    table.write_text(header + "MONDO:0013600\tinsomnia\t\t1\tMONDO:1\n")
    assert "obsolete" in check_labels(corpus, tmp_path)[0].message
    table.write_text(header + "MONDO:1\tinsomnia\t\t0\t\n")
    assert "not in the label tables" in check_labels(corpus, tmp_path)[0].message
