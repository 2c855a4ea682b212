"""Nanopublications: every one passes the checks of others' tools, and none makes a fact of what is not plainly said."""

import io
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from typer.testing import CliRunner

from kg.build import build
from kg.cli.__main__ import app
from kg.errors import ForeignError, NotFoundError, QueryError
from kg.exports import get_format
from kg.exports.nanopub import follow, write
from kg.graph import Graph, open_build
from kg.names import CG
from kg.nanopubs.read import Nanopub, check_nanopub, read_file, read_nanopubs, split_nanopubs
from kg.nanopubs.signatures import is_signed
from kg.nanopubs.trusty import find_code, make_code
from kg.rdf.formats import read_quads
from kg.rdf.terms import DCT, NP, NPX, PROV
from kg.settings import Settings
from kg.stores.connect import Build

#: The library of others that signs and checks; there is none for Python 3.13 yet.
nanopub_sign = pytest.importorskip("nanopub_sign")
ROOT = Path(__file__).parents[2]
#: The test suite of nanopublications (github.com/Nanopublication/nanopub-testsuite), where it is at hand.
SUITE = Path(os.environ.get("NANOPUB_SUITE", ROOT.parent / "shared/suites/nanopub"))
ACTS = {CG + act for act in ("asserts", "denies", "questions", "recommends", "assesses")}


@pytest.fixture(scope="module")
def opened(built: tuple[Settings, Build]) -> Iterator[tuple[Graph, Build]]:
    with open_build(built[0], built[1]) as graph:
        yield graph, built[1]


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key of the library that signs, as a PEM file."""
    path = tmp_path_factory.mktemp("key") / "key.pem"
    path.write_text(f"-----BEGIN PRIVATE KEY-----\n{nanopub_sign.KeyPair().private}\n-----END PRIVATE KEY-----\n")
    return path


def export(graph: Graph, build: Build, path: Path, document: str | None = None, **more: Path | None) -> list[Nanopub]:
    with path.open("wb") as file:
        write(graph, build, file, document, **more)
    return list(read_nanopubs(path))


def objects(quads: tuple[ox.Quad, ...], term: str) -> list[str]:
    return [q.object.value for q in quads if q.predicate.value == term and not isinstance(q.object, ox.Triple)]


def claims_of(build_: Build) -> set[str]:
    claim = ox.NamedNode(CG + "Claim")
    return {
        q.subject.value for q in read_quads(build_.quads) if q.object == claim and "/document/" in str(q.graph_name)
    }


def claim_of(nanopub: Nanopub) -> str:
    return next((q.subject.value for q in nanopub.assertion if q.object == ox.NamedNode(CG + "Claim")), "")


# What is written


def test_every_claim_is_one_nanopublication(opened: tuple[Graph, Build], tmp_path: Path) -> None:
    found = export(*opened, tmp_path / "all.trig")
    assert {claim_of(n) for n in found} == claims_of(opened[1])
    assert len(found) == len({n.iri for n in found}) == opened[1].manifest["claims"]
    for nanopub in found:
        assert check_nanopub(nanopub.quads) == []
        assert nanopub.iri.startswith("https://w3id.org/claimgraph/np/RA")
        assert make_code(nanopub.quads, find_code(nanopub.iri)) == find_code(nanopub.iri)
        assert objects(nanopub.pubinfo, DCT + "identifier") == [opened[1].digest]
        assert objects(nanopub.pubinfo, DCT + "license") == ["https://creativecommons.org/licenses/by/4.0/"]


def test_the_library_of_others_finds_them_valid_and_trusty(opened: tuple[Graph, Build], tmp_path: Path) -> None:
    for nanopub in export(*opened, tmp_path / "all.trig"):
        checked = nanopub_sign.Nanopub(text_of(nanopub)).check().info()
        assert (checked["uri"]["value"], checked["trusty_hash"]) == (nanopub.iri, find_code(nanopub.iri))


def text_of(nanopub: Nanopub) -> str:
    out = io.BytesIO()
    ox.serialize(nanopub.quads, output=out, format=ox.RdfFormat.TRIG)
    return out.getvalue().decode()


def test_the_file_read_by_rdflib_holds_the_claims_of_the_graph(opened: tuple[Graph, Build], tmp_path: Path) -> None:
    export(*opened, tmp_path / "all.trig")
    data = rdflib.Dataset()
    data.parse(tmp_path / "all.trig", format="trig")
    graph = {(q.subject.value, q.predicate.value, q.object.value) for q in read_quads(opened[1].quads) if named(q)}
    heads = list(data.quads((None, rdflib.RDF.type, rdflib.URIRef(NP + "Nanopublication"), None)))
    assert len(heads) == opened[1].manifest["claims"]
    for head in heads:
        name = next(data.quads((head[0], rdflib.URIRef(NP + "hasAssertion"), None, None)))[2]
        for s, p, o in data.graph(name).triples((None, None, None)):
            assert (str(s), str(p), str(o)) in graph


def named(quad: ox.Quad) -> bool:
    return not isinstance(quad.object, ox.Triple | ox.BlankNode)


def test_no_assertion_says_more_than_that_a_document_says_so(opened: tuple[Graph, Build], tmp_path: Path) -> None:
    entities = "https://w3id.org/claimgraph/entity/"
    said = {row["claim"]: row for row in opened[0].ask("table-claims").rows}
    acts = set()
    for nanopub in export(*opened, tmp_path / "all.trig"):
        claim = claim_of(nanopub)
        told = {q.predicate.value for q in nanopub.assertion if q.subject.value == claim}
        assert told & ACTS == {CG + said[claim]["act"]}
        assert objects(nanopub.assertion, CG + "certainty") == [f"{CG}certainty-{said[claim]['certainty']}"]
        acts |= told & ACTS
        # Subjects are claims, propositions and their parts: nothing is said of an entity itself.
        assert not [q for q in nanopub.assertion if q.subject.value.startswith(entities)]
    assert {CG + "asserts", CG + "denies"} <= acts


def test_the_provenance_leads_to_the_passage_and_to_who_curated_it(opened: tuple[Graph, Build], tmp_path: Path) -> None:
    places = {(row["claim"], row["anchor"]): row for row in opened[0].ask("table-anchors").rows}
    seen = set()
    for nanopub in export(*opened, tmp_path / "all.trig"):
        assertion = nanopub.assertion[0].graph_name
        own = {q.predicate.value: q.object.value for q in nanopub.provenance if q.subject == assertion}
        document = objects(nanopub.assertion, CG + "document")[0]
        assert own[PROV + "wasDerivedFrom"] == document
        assert own[PROV + "wasAttributedTo"] == "https://w3id.org/claimgraph/agent/claimgraph"
        claim = claim_of(nanopub)
        quotes = set(objects(nanopub.provenance, "http://www.w3.org/ns/oa#exact"))
        for quad in nanopub.provenance:
            if quad.subject.value == claim and (claim, quad.object.value) in places:
                row = places[claim, quad.object.value]
                seen.add((claim, quad.object.value))
                assert row["exact"] in quotes
                assert row["source_sha256"] in objects(nanopub.provenance, CG + "sha256")
    assert seen == places.keys()


def test_the_same_build_gives_the_same_bytes_and_one_document_its_own(
    opened: tuple[Graph, Build], tmp_path: Path
) -> None:
    export(*opened, tmp_path / "a.trig")
    export(*opened, tmp_path / "b.trig")
    assert (tmp_path / "a.trig").read_bytes() == (tmp_path / "b.trig").read_bytes()
    whole = {n.iri for n in read_nanopubs(tmp_path / "a.trig")}
    parts = [export(*opened, tmp_path / f"{d}.trig", d) for d in ("calm-nights", "veltrine-doubts")]
    assert [n for part in parts for n in part if n.iri not in whole] == []
    assert sum(map(len, parts)) == len(whole)


# Signed


def test_signed_ones_pass_both_checks_and_a_changed_letter_passes_neither(
    opened: tuple[Graph, Build], key: Path, tmp_path: Path
) -> None:
    found = export(*opened, tmp_path / "signed.trig", "veltrine-doubts", key=key)
    again = export(*opened, tmp_path / "again.trig", "veltrine-doubts", key=key)
    assert [n.iri for n in found] == [n.iri for n in again] != []
    for nanopub in found:
        assert nanopub.key and nanopub.iri.startswith("https://w3id.org/np/RA")
        info = nanopub_sign.Nanopub(text_of(nanopub)).check().info()
        assert info["signature"] and info["trusty_hash"] == find_code(nanopub.iri)
    text = text_of(found[0])
    changed = text.replace("@en", "@de", 1)
    assert changed != text
    with pytest.raises(Exception, match="hash"):
        nanopub_sign.Nanopub(changed).check()
    assert [f.rule for f in check_nanopub(ox.parse(changed, format=ox.RdfFormat.TRIG))] == ["hash", "signature"]


def test_what_cannot_sign_is_refused(opened: tuple[Graph, Build], tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="cannot be read"):
        write(*opened, io.BytesIO(), None, key=tmp_path / "none.pem")
    (tmp_path / "old.pem").write_text("-----BEGIN RSA PRIVATE KEY-----\n")
    with pytest.raises(NotFoundError, match="openssl"):
        write(*opened, io.BytesIO(), None, key=tmp_path / "old.pem")
    with pytest.raises(QueryError, match="'nanopub'"):
        follow(get_format("trig"), None, tmp_path)


@pytest.mark.skipif(not shutil.which("openssl"), reason="needs openssl")
def test_a_signature_of_openssl_is_a_true_one(tmp_path: Path) -> None:
    def run(*arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=tmp_path, check=True, capture_output=True)

    def one_line(name: str) -> str:
        return "".join(line for line in (tmp_path / name).read_text().split("\n") if "-----" not in line)

    (tmp_path / "text").write_bytes("Veltrine éases".encode())
    run("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", "key.pem")
    run("pkey", "-in", "key.pem", "-pubout", "-out", "public.pem")
    run("dgst", "-sha256", "-sign", "key.pem", "-out", "signature", "text")
    run("base64", "-A", "-in", "signature", "-out", "signature.txt")
    public, signature = one_line("public.pem"), one_line("signature.txt")
    assert is_signed("Veltrine éases", signature, public, "RSA")
    assert not is_signed("Veltrine eases", signature, public, "RSA")
    assert not is_signed("Veltrine éases", signature, public, "DSA")
    assert not is_signed("Veltrine éases", signature[4:], public, "RSA")
    assert not is_signed("Veltrine éases", signature, public[8:], "RSA")


# One export after another


@pytest.fixture
def rebuilt(settings: Settings) -> Callable[..., tuple[Graph, Build]]:
    opened: list[Graph] = []

    def change(*changes: tuple[str, str]) -> tuple[Graph, Build]:
        path = settings.data / "sleep/veltrine-doubts/claims.toml"
        text = path.read_text(encoding="utf-8")
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        path.write_text(text, encoding="utf-8")
        made = build(settings)
        opened.append(open_build(settings, made))
        return opened[-1], made

    yield change
    for graph in opened:
        graph.close()


@pytest.mark.parametrize("signed", [False, True], ids=["plain", "signed"])
def test_changed_claims_supersede_removed_ones_are_retracted_and_the_rest_stays(
    rebuilt: Callable[..., tuple[Graph, Build]], settings: Settings, tmp_path: Path, key: Path, signed: bool
) -> None:
    secret = key if signed else None
    path = settings.data / "sleep/veltrine-doubts/claims.toml"
    first = {claim_of(n): n for n in export(*rebuilt(), tmp_path / "1.trig", key=secret)}
    text = path.read_text(encoding="utf-8")
    head, *blocks = text.split("[[claim]]")
    reworded, removed = blocks[0], blocks[-1]
    statement = next(line for line in reworded.split("\n") if line.startswith("statement"))
    path.write_text("[[claim]]".join([head, *blocks[:-1]]), encoding="utf-8")
    graph, made = rebuilt((statement, 'statement = "Said in other words."'))
    second = export(graph, made, tmp_path / "2.trig", key=secret, previous=tmp_path / "1.trig")
    gone = first.keys() - claims_of(made)
    assert len(gone) == 1, removed
    retracting = [n for n in second if not claim_of(n)]
    assert [objects(n.assertion, NPX + "retracts") for n in retracting] == [[first[min(gone)].iri]]
    superseding = {claim_of(n): objects(n.pubinfo, NPX + "supersedes") for n in second}
    replaced = {claim: names for claim, names in superseding.items() if names}
    assert replaced == {claim: [first[claim].iri] for claim in replaced} and len(replaced) == 1
    kept = [n for n in second if claim_of(n) and claim_of(n) not in replaced]
    assert {n.iri for n in kept} == {n.iri for c, n in first.items() if c not in gone | replaced.keys()}
    for nanopub in second:
        assert bool(nanopub.key) == signed
        nanopub_sign.Nanopub(text_of(nanopub)).check()
    # Where nothing has changed, there is nothing to publish anew, nor to retract a second time.
    third = export(graph, made, tmp_path / "3.trig", key=secret, previous=tmp_path / "2.trig")
    assert {n.iri for n in third} == {n.iri for n in second if claim_of(n)}


def test_a_claim_that_takes_the_place_of_another_supersedes_it(
    rebuilt: Callable[..., tuple[Graph, Build]], settings: Settings, tmp_path: Path
) -> None:
    first = {claim_of(n): n for n in export(*rebuilt(), tmp_path / "1.trig")}
    graph, made = rebuilt(('act = "denies"', 'act = "questions"'))
    second = export(graph, made, tmp_path / "2.trig", previous=tmp_path / "1.trig")
    gone, new = first.keys() - claims_of(made), claims_of(made) - first.keys()
    assert len(gone) == len(new) > 0
    by_claim = {claim_of(n): n for n in second}
    assert "" not in by_claim, "nothing is retracted"
    names = {name for claim in new for name in objects(by_claim[claim].pubinfo, NPX + "supersedes")}
    assert names == {first[claim].iri for claim in gone}


def test_the_command_line_writes_signed_ones_and_refuses_what_has_no_use(
    built: tuple[Settings, Build], key: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KG_BUILDS", str(built[0].builds))
    monkeypatch.setenv("KG_WORKERS", "1")
    out = tmp_path / "np.trig"
    arguments = ["export", "--format", "nanopub", "--document", "veltrine-doubts", "-o", str(out)]
    result = CliRunner().invoke(app, [*arguments, "--key", str(key)])
    assert result.exit_code == 0, result.output
    assert all(n.key for n in read_nanopubs(out))
    result = CliRunner().invoke(app, ["export", "--format", "ttl", "--key", str(key)])
    assert isinstance(result.exception, QueryError)


# What others wrote


needs_suite = pytest.mark.skipif(not SUITE.is_dir(), reason="needs the nanopublication test suite")


def files(kind: str) -> list[Path]:
    return sorted(p for p in (SUITE / kind).rglob("*") if p.suffix in (".trig", ".nq"))


@needs_suite
@pytest.mark.parametrize("path", files("valid"), ids=lambda p: f"{p.parent.name}-{p.name}")
def test_what_the_suite_has_as_valid_is_read(path: Path) -> None:
    found = list(read_nanopubs(path))
    assert len(found) == 1 and all((n.assertion, n.provenance, n.pubinfo) for n in found)
    assert bool(found[0].key) == (path.parent.name == "signed")


@needs_suite
@pytest.mark.parametrize("path", files("invalid"), ids=lambda p: f"{p.parent.name}-{p.name}")
def test_what_the_suite_has_as_invalid_is_refused(path: Path) -> None:
    with pytest.raises(ForeignError, match=r"\[(head|names|empty|extra-graph|provenance|pubinfo|datatype|hash|sign)"):
        list(read_nanopubs(path))


GOOD = f"""
@prefix : <http://example.org/np/> . @prefix np: <{NP}> . @prefix npx: <{NPX}> . @prefix prov: <{PROV}> .
:Head {{ : a np:Nanopublication ; np:hasAssertion :a ; np:hasProvenance :p ; np:hasPublicationInfo :i . }}
:a {{ :veltrine :eases :insomnia . }}
:p {{ :a prov:wasDerivedFrom :page . }}
:i {{ : :madeBy :somebody . }}
"""
FAULTS = {
    "head": (": a np:Nanopublication ;", ":"),
    "names": ("np:hasProvenance :p", "np:hasProvenance :a"),
    "empty": (":veltrine :eases :insomnia .", ""),
    "extra-graph": (":i {", ":more { :x :y :z . } :i {"),
    "provenance": (":a prov:wasDerivedFrom :page", ":other prov:wasDerivedFrom :page"),
    "pubinfo": (": :madeBy :somebody", ":other :madeBy :somebody"),
    "datatype": (":insomnia .", '"soon"^^<http://www.w3.org/2001/XMLSchema#date> .'),
    "signature": (": :madeBy", ':sig npx:hasSignature "AAAA" . : :madeBy'),
}


@pytest.mark.parametrize("rule", FAULTS)
def test_each_fault_is_named(rule: str, tmp_path: Path) -> None:
    old, new = FAULTS[rule]
    assert old in GOOD
    path = tmp_path / "np.trig"
    path.write_text(GOOD)
    assert [n.iri for n in read_nanopubs(path)] == ["http://example.org/np/"]
    path.write_text(GOOD.replace(old, new, 1))
    with pytest.raises(ForeignError, match=rf"np\.trig.*\[{rule}\].*; "):
        list(read_nanopubs(path))


def test_files_that_are_no_rdf_are_refused(tmp_path: Path) -> None:
    for name, text, rule in (("a.trig", ":a {", "syntax"), ("b.txt", GOOD, "format"), ("c.trig", None, "unreadable")):
        if text is not None:
            (tmp_path / name).write_text(text)
        with pytest.raises(ForeignError, match=rf"\[{rule}\]"):
            list(read_nanopubs(tmp_path / name))
    (tmp_path / "d.trig").write_text("")
    with pytest.raises(ForeignError, match="0 heads"):
        list(read_nanopubs(tmp_path / "d.trig"))


def test_several_in_one_file_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "two.trig"
    path.write_text(GOOD + GOOD.replace("/np/", "/other/"))
    assert [n.iri for n in read_nanopubs(path)] == ["http://example.org/np/", "http://example.org/other/"]
    assert [len(group) for group in split_nanopubs(read_file(path))] == [7, 7]


NESTED = {
    "deep.trig": "<a:g> { <a:s> <a:p> " + "<<( <a:s> <a:p> " * 20_000 + "<a:o>" + " )>>" * 20_000 + " . }",
    "deep.jsonld": '{"@id": "a:s", "a:p": ' * 20_000 + '"o"' + "}" * 20_000,
    "one.trig": "<a:g> { <a:s> <a:p> <<( <a:s> <a:p> <a:o> )>> . }",
}


@pytest.mark.parametrize("name", NESTED)
def test_what_is_nested_ends_no_process_of_ours(tmp_path: Path, name: str, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / name).write_text(NESTED[name])
    with pytest.raises(ForeignError, match=r"nested too deeply|within another"):
        read_file(tmp_path / name)
    assert capfd.readouterr().err == ""
