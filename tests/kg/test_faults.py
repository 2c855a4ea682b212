"""Seeded faults: known things broken in the small corpus; what pySHACL tells of the whole graph, each engine tells.

Findings are compared by focus node, path, component, shape, severity and message.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest

from kg.build import prepare
from kg.names import Names
from kg.rdf.write import triples_of
from kg.settings import Settings
from kg.shapes.engines import ENGINES
from kg.shapes.slices import cut
from kg.shapes.validation import Result, read_shapes, validate_triples
from kg.shapes.verdicts import judge

SHAPES = Settings().ontology / "shapes"
NAMES = Names(Settings().base)
NOTHING = "<http://example.org/nothing>"
INTEGER = "^^<http://www.w3.org/2001/XMLSchema#integer>"


class Fault(NamedTuple):
    """The object of the next line of a predicate, about such a subject, becomes another, or the line goes."""

    subject: str
    predicate: str
    object: str | None
    shape: str


FAULTS = [
    Fault("/claim/", "#certainty", None, "ClaimShape-certainty"),
    Fault("/claim/", "#certainty", NOTHING, "ClaimShape-certainty"),
    Fault("/claim/", "#voice", NOTHING, "ClaimShape-voice"),
    Fault("/claim/", "#statement", None, "ClaimShape-statement"),
    Fault("/claim/", "#statement", '"too short"@en', "ClaimShape-statement"),
    Fault("/claim/", "#statement", '"words without a language"', "ClaimShape-statement"),
    Fault("/claim/", "#anchor", None, "ClaimPlaceShape"),
    Fault("/claim/", "#anchor", NOTHING, "ClaimShape-anchor"),
    Fault("/claim/", "#wasDerivedFrom", None, "ClaimShape-derivation"),
    Fault("/claim/", "#wasGeneratedBy", NOTHING, "ClaimShape-generation"),
    Fault("/claim/", "#asserts", NOTHING, "ClaimShape-act"),
    Fault("/claim/", "#denies", None, "ClaimShape-act"),
    Fault("/claim/", "#hedge", None, "ClaimCertaintyShape"),
    Fault("/claim/", "#hedge", '"other words"', "ClaimHedgeAnchorShape-exact"),
    Fault("/claim/", "#voice", "<https://w3id.org/claimgraph/vocab#voice-work>", "ClaimVoiceShape"),
    Fault("/claim/", "#evidence", NOTHING, "ClaimShape-evidence"),
    Fault("/claim/", "#finding", None, "AssessmentShape-finding"),
    Fault("/position", "#start", f'"-1"{INTEGER}', "PositionShape-start"),
    Fault("/position", "#start", f'"999999"{INTEGER}', "PositionShape-order"),
    Fault("/position", "#end", '"soon"', "PositionShape-end"),
    Fault("/position", "#end", f'"99999999"{INTEGER}', "PassageShape"),
    Fault("/anchor/", "#exact", '"a b c d e f g h i j k l m"', "QuoteShape-exact"),
    Fault("/anchor/", "#exact", f'"{"long" * 99}"', "PassageShape"),
    Fault("/anchor/", "#hasSource", "<{base}document/veltrine-doubts>", "ClaimShape-sameDocument"),
    Fault("/document/", "#sha256", '"{twin}"', "DocumentShape-same"),
    Fault("/document/", "#length", f'"0"{INTEGER}', "DocumentShape-length"),
    Fault("/document/", "terms/language", '"English"', "DocumentShape-language"),
    Fault("/document/", "terms/title", None, "DocumentShape-title"),
    Fault("/document/", "terms/issued", '"soon"', "DocumentShape-issued"),
    Fault("/document/", "cito/cites", NOTHING, "DocumentShape-cites"),
    Fault("/chain/", "#position", f'"5"{INTEGER}', "ChainShape"),
    Fault("/chain/", "#claim", "{claim}", "ChainShape-sameDocument"),
    Fault("/figure/", "#unit", NOTHING, "FigureShape-unit"),
    Fault("/figure/", "#low", '"99999"^^<http://www.w3.org/2001/XMLSchema#decimal>', "FigureShape-order"),
    Fault("/figure/", "#value", None, "FigureFormShape"),
    Fault("/proposition/", "#frame", NOTHING, "PropositionShape-frame"),
    Fault("/proposition/", "#relation", NOTHING, "PropositionShape-relation"),
    Fault("/proposition/", "#sign", f'"2"{INTEGER}', "PropositionShape-sign"),
    Fault("/proposition/", "#objectVariable", NOTHING, "PropositionShape-objectVariable"),
    Fault("/proposition/", "#object", "<{base}entity/veltrine>", "PropositionShape-sameObject"),
    Fault("/proposition/", "#via", None, "PropositionViaShape-via"),
    Fault("/frame/", "#family", NOTHING, "FrameShape-family"),
    Fault("/variable/", "#notation", '"A B"', "VariableShape-notation"),
    Fault("/entity/", "#prefLabel", '"Wort"@de', "EntityShape-prefLabel"),
    Fault("/entity/", "#notation", '"Not A Name"', "EntityShape-notation"),
    Fault("/entity/", "#kind", NOTHING, "EntityShape-kind"),
    Fault("/entity/", "#identified", '"perhaps"', "EntityShape-identified"),
    Fault("/entity/", "#kind", "<https://w3id.org/claimgraph/kind/Organisation>", "ObjectKindShape"),
    Fault("marlow-2019", "terms/title", None, "WorkShape-title"),
    Fault("/disagreement/", "#because", '"no language"', "DisagreementShape-because"),
    Fault("/disagreement/", "#between", NOTHING, "DisagreementShape-between"),
]


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    data = Path(__file__).parents[1] / "corpus/data"
    _, lines = prepare(Settings(data=data, builds=tmp_path_factory.mktemp("faults"), engine="shacl"))
    return [line for line in lines if "/graph/validation>" not in line]


def sow(lines: list[str], faults: list[Fault]) -> list[str]:
    """Return the lines with the faults, each in another line where there is one."""
    changed, turns, told = dict[str, str | None](), Counter[tuple[str, str]](), "".join(lines)
    twin = told.partition('/document/veltrine-doubts> <https://w3id.org/claimgraph/vocab#sha256> "')[2][:64]
    claim = next(line.split(" ", 1)[0] for line in lines if "#denies>" in line and "/document/veltrine-doubts>" in line)
    for fault in faults:
        fitting = [line for line in lines if fits(line, fault)]
        chosen = fitting[turns[fault[:2]] % len(fitting)]
        turns[fault[:2]] += 1
        ends = chosen.split("> ", 2)
        graph = chosen[chosen.rindex(" <") + 1 :]
        new = (fault.object or "").replace("{base}", NAMES.base).replace("{twin}", twin).replace("{claim}", claim)
        changed[chosen] = f"{ends[0]}> {ends[1]}> {new} {graph}" if fault.object else None
    return sorted({kept for line in lines if (kept := changed.get(line, line))})


def fits(line: str, fault: Fault) -> bool:
    subject, predicate, _ = line.split("> ", 2)
    return fault.subject in subject and predicate.endswith(fault.predicate)


def told(results: list[Result]) -> set[tuple[str, ...]]:
    return {(r.focus, r.path, r.component, r.shape, r.severity, r.message) for r in results}


@pytest.mark.parametrize("turn", range(3))
def test_engines_find_what_pyshacl_finds_in_the_whole_graph(lines: list[str], turn: int, tmp_path: Path) -> None:
    faults = FAULTS[turn::3]
    faulty = sow(lines, faults)
    whole = validate_triples("".join(triples_of(faulty)), read_shapes(SHAPES))
    assert {f.shape for f in faults} <= {r.shape.rpartition("#")[2] for r in whole}
    for engine in ENGINES:
        assert told(judge(cut(faulty, NAMES), SHAPES, tmp_path, engine)) == told(whole), engine
