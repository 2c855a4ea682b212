"""Paths, and the hops at one entity, as rows for a table and as Markdown for a text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from kg.mechanisms.hops import Hop, Source
from kg.mechanisms.paths import Path, Paths

_OF_PATH = ("path", "standing", "path_certainty", "path_support", "path_sign", "step")
_OF_HOP = (
    "subject", "subject_state", "relation", "object", "aspect", "object_state", "scope", "note", "contested",
    "certainty", "support", "document", "claim", "claim_certainty", "statement", "proposition",
)  # fmt: skip


def list_paths(paths: Iterable[Path]) -> list[list[object]]:
    """Return paths as rows, the header first: a row for each claim of each step, so that none stands without source."""
    rows: list[list[object]] = [[*_OF_PATH, *_OF_HOP]]
    for number, path in enumerate(paths, 1):
        about = [number, path.standing, path.certainty, path.support, path.sign]
        for step, hop in enumerate(path.hops, 1):
            rows += [[*about, step, *row] for row in _list_claims(hop)]
        if path.join:
            join = path.join
            what = "is a symptom of" if join.sources else "stands under"
            said = [join.symptom, "", what, join.condition, *[""] * 7]
            rows += [[*about, "", *said, *_tell_source(source), ""] for source in join.sources or (_NOBODY,)]
    return rows


def list_hops(hops: Iterable[Hop]) -> list[list[object]]:
    """Return hops as rows, the header first: a row for each claim."""
    return [[*_OF_HOP], *(row for hop in hops for row in _list_claims(hop))]


def write_paths(paths: Paths, title: str, source: str) -> str:
    """Return paths as Markdown: each as a chain, with its steps and their claims; source says where they are from."""
    parts = [f"# {title}"]
    for number, path in enumerate(paths, 1):
        support = f"{path.support} independent at the weakest step"
        marks = [path.standing, path.certainty, support, *(["contested"] if _is_contested(path.hops) else [])]
        parts.append(f"## {number}. {tell_chain(path.hops)}\n\n{', '.join(marks)}.")
        parts.append("\n".join(line for hop in path.hops for line in _tell_hop(hop)))
        if path.join:
            what = "is a symptom of" if path.join.sources else "stands under"
            lines = [f"- {path.join.symptom} {what} {path.join.condition}", *_tell_sources(path.join.sources)]
            parts.append("\n".join(lines))
    told = [f"{paths.stopped[:1].upper()}{paths.stopped[1:]}."] if paths.stopped else []
    return "\n\n".join([*parts, *told, source]) + "\n"


def write_hops(hops: Sequence[Hop], title: str, source: str) -> str:
    """Return hops as Markdown, each with its claims; source says where they are from."""
    return "\n\n".join([f"# {title}", "\n".join(line for hop in hops for line in _tell_hop(hop)), source]) + "\n"


def tell_chain(hops: Sequence[Hop]) -> str:
    """Return hops that join as one line, each end in its state: what is lowered must not read as raised.

    >>> from kg.mechanisms.hops import State
    >>> less, more = State("a", "", "decreased"), State("b", "", "increased")
    >>> tell_chain([Hop("p", less, False, "acts_on", more, "amount", 1, (), ())])
    'a decreased → acts on → b amount increased'
    """
    return " → ".join([_tell_subject(hops[0]), *(f"{_tell_relation(hop)} → {_tell_object(hop)}" for hop in hops)])


def _tell_subject(hop: Hop) -> str:
    return hop.subject.entity + ("" if hop.open_state else f" {hop.subject.state}")


def _tell_relation(hop: Hop) -> str:
    return "by way of" if hop.relation == "via" else hop.relation.replace("_", " ")


def _tell_object(hop: Hop) -> str:
    return " ".join(word for word in (hop.object.entity, hop.aspect, hop.object.state) if word)


def _tell_hop(hop: Hop) -> Iterator[str]:
    marks = "; ".join(m for m in (_tell_scope(hop), hop.note, "contested" if hop.contested else "") if m)
    yield f"- {tell_chain([hop])}" + (f" ({marks})" if marks else "")
    yield from _tell_sources(hop.sources)


def _tell_sources(sources: Iterable[Source]) -> Iterator[str]:
    for one in sources:
        yield f"    - {one.document} ({one.certainty}): {one.statement}"


def _tell_scope(hop: Hop) -> str:
    return ", ".join(f"{key} {value}" for key, value in hop.scope)


def _is_contested(hops: Iterable[Hop]) -> bool:
    return any(hop.contested for hop in hops)


#: Who says what the hierarchy of entities says.
_NOBODY = Source("", "", "", "")


def _list_claims(hop: Hop) -> Iterator[list[object]]:
    state = "" if hop.open_state else hop.subject.state
    said = [hop.subject.entity, state, hop.relation, hop.object.entity, hop.aspect, hop.object.state]
    marks = [_tell_scope(hop), hop.note, " ".join(hop.contested), hop.certainty, hop.support]
    for source in hop.sources:
        yield [*said, *marks, *_tell_source(source), hop.proposition]


def _tell_source(source: Source) -> list[object]:
    return [source.document, source.claim, source.certainty, source.statement]
