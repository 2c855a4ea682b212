import gzip
import re
import shutil
from collections import Counter
from dataclasses import replace
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


def test_a_wrong_type_does_not_hide_what_else_is_wrong(settings: Settings) -> None:
    document = settings.data / "sleep/veltrine-doubts"
    claims = (document / "claims.toml").read_text().split("[[claim]]")
    claims[1] = re.sub(r"\nat = .*", '\nat = ["a", "b"]', claims[1])
    claims[2] = re.sub('\nrelation = ".*"', '\nrelation = "nonsense"', claims[2])
    claims[3] = re.sub('\nphrase = ".*"', '\nphrase = "stands nowhere"', claims[3])
    broken = '[[chain]]\nid = "short"\nstatement = "One step."\nsteps = ["veltrine-raises-glutanol"]\n'
    (document / "claims.toml").write_text("[[claim]]".join(claims) + broken)
    found = {f.rule for f in check(settings, shapes=False).errors}
    assert found == {"value", "unknown-relation", "anchor"}
    text = (document / "document.toml").read_text()
    (document / "document.toml").write_text(re.sub("curated = .*", "curated = 2025", text))
    found = {(f.file.rpartition("/")[2], f.rule) for f in check(settings, shapes=False).errors}
    assert found >= {("document.toml", "value"), ("claims.toml", "unknown-relation"), ("claims.toml", "anchor")}


def test_entities_that_cannot_be_read_are_told_once(settings: Settings) -> None:
    entities = settings.data / "entities/all.toml"
    whole = entities.read_text()
    entities.write_text(whole + "[[entity]\n")
    rules = [(f.file, f.rule, f.severity) for f in check(settings, shapes=False).findings]
    assert rules == [("entities/all.toml", "toml", "error"), ("entities/all.toml", "unknown-entity", "info")]
    entities.write_text(whole.replace('label = "veltrine"', "label = 3"))
    (finding,) = check(settings, shapes=False).errors
    assert (finding.rule, finding.place) == ("value", "entity veltrine")


def test_shapes_are_applied_to_the_documents_without_errors(settings: Settings, tmp_path: Path) -> None:
    shutil.copytree(settings.ontology, tmp_path / "ontology")
    (tmp_path / "ontology/shapes/brief.ttl").write_text(
        "@prefix cg: <https://w3id.org/claimgraph/vocab#> .\n@prefix sh: <http://www.w3.org/ns/shacl#> .\n"
        "cg:BriefShape a sh:NodeShape ; sh:targetClass cg:Claim ; sh:property [ sh:path cg:statement ; "
        'sh:maxLength 5 ; sh:message "too long for this test"@en ] .\n'
    )
    doubts = settings.data / "sleep/veltrine-doubts/claims.toml"
    doubts.write_text(doubts.read_text().replace('relation = "', 'relation = "x', 1))
    verdict = check(replace(settings, ontology=tmp_path / "ontology"))
    found = Counter((f.file.split("/")[1], f.rule.partition(" ")[0]) for f in verdict.findings)
    assert found == {("veltrine-doubts", "unknown-relation"): 1, ("calm-nights", "shape"): 7}
    assert not list(verdict.quads), "nothing is built of data with errors"


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


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("m.tsv", b"id\tlabel\nMONDO:1\tx\n", "it has no column curie, obsolete, replaced_by"),
        ("m.tsv", b"", "it has no column curie, label"),
        ("m.tsv", b"curie\tlabel\tobsolete\treplaced_by\n\xff\n", "can't decode byte 0xff"),
        ("m.tsv.gz", b"no archive", "Not a gzipped file"),
        ("m.tsv.gz", gzip.compress(b"curie\tlabel\tobsolete\treplaced_by\n" * 99)[:-9], "ended before the end"),
        ("m.tsv", None, "Is a directory"),
    ],
)
def test_a_label_table_that_cannot_be_read_is_a_finding(
    settings: Settings, tmp_path: Path, name: str, content: bytes | None, told: str
) -> None:
    path = tmp_path / "labels" / name
    path.parent.mkdir()
    path.mkdir() if content is None else path.write_bytes(content)
    (found,) = check_labels(check(settings, shapes=False).corpus, path.parent)
    assert (found.file, found.severity) == (str(path), "error")
    assert told in found.message
    assert "curie, label, obsolete, replaced_by" in found.hint


# Every string, wherever it stands

LABEL = ("entities/all.toml", 'label = "veltrine"')
WORK = ("works.toml", 'issued = "2019"')


@pytest.mark.parametrize(
    ("where", "written", "told"),
    [
        (LABEL, r'label = "vel\rtrine"', "U+000D"),
        (LABEL, 'label = "veltrine"\nalso = ["a\\u0001"]', "U+0001"),
        (("entities/all.toml", "match = []"), 'match = [{id = "CHEBI:1", label = "a\\u0001", quality = "exact", '
         'version = "1"}]', "U+0001"),
        (("entities/all.toml", "match = []"), 'match = [{id = "CHEBI:1", label = "a", quality = "exact", '
         'version = "1\\u0002"}]', "U+0002"),
        (("sleep/calm-nights/document.toml", 'reason = "title"'), 'reason = "ti\\u0001tle"', "U+0001"),
        (WORK, 'issued = "2019"\ndoi = "10.1/a\\u0001b"', "Invalid IRI code point"),
        (WORK, 'issued = "2019"\nurl = "http://a/%zz"', "Invalid IRI percent encoding"),
        (WORK, 'issued = "2019"\nurl = "http://[::1"', "host"),
        (WORK, 'issued = "2019"\nurl = "http://a:b:c/"', "Invalid character"),
        (("entities/all.toml", "match = []"), 'match = [{id = "CHEBI:1%2", label = "a", quality = "exact", '
         'version = "1"}]', "Invalid IRI percent encoding"),
    ],
)  # fmt: skip
def test_what_no_format_can_carry_is_a_finding(
    settings: Settings, where: tuple[str, str], written: str, told: str
) -> None:
    file, before = where
    path = settings.data / file
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, written, 1))
    errors = check(settings, shapes=False).errors
    assert any(told in f.message and f.file == file for f in errors), errors
    assert not any("\x01" in str(f) for f in errors)


# What would take minutes and gigabytes


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a" + ".a" * 100_000 + " = 1", "a key of over 16 parts"),
        ("[" + "a." * 100_000 + "a]\n", "a key of over 16 parts"),
        ("x = {" + "'a'.\"b\"." * 50 + "c = 1}", "a key of over 16 parts"),
        ("[[claim]]\n" * 300_000, "over 50000 tables"),
        ("claim = [" + "{}," * 100_000 + "]", "over 50000 tables"),
        ("[[claim]]\n" * 2000, "there are 12000 faults"),
    ],
    ids=["key", "header", "inline", "tables", "inline tables", "faults"],
)
def test_bombs_are_findings(settings: Settings, text: str, told: str) -> None:
    (settings.data / "sleep/veltrine-doubts/claims.toml").write_text(text)
    errors = [f for f in check(settings, shapes=False).errors if f.file.endswith("veltrine-doubts/claims.toml")]
    assert told in errors[0].message
    assert len(errors) <= 200


def test_many_dots_in_a_string_or_comment_are_no_key(settings: Settings) -> None:
    file = settings.data / "sleep/veltrine-doubts/document.toml"
    dots = "a." * 40 + "b"
    text = file.read_text()
    title = next(line for line in text.splitlines() if line.startswith("title"))
    file.write_text(text.replace(title, f"title = '{dots}' # {dots}"))
    assert check(settings, shapes=False).errors == []


def test_no_more_than_a_thousand_findings_are_told_of_a_file(settings: Settings) -> None:
    file = settings.data / "sleep/veltrine-doubts/claims.toml"
    file.write_text(file.read_text().split("[[claim]]")[1].join(["[[claim]]", ""]) * 1200)
    errors = [f for f in check(settings, shapes=False).errors if f.file.endswith("veltrine-doubts/claims.toml")]
    assert len(errors) == 1000
    assert sum(f.rule == "faults" for f in errors) == 1
