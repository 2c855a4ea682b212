"""What a claim says, as features that can be told from one build to another, and which claims are versions of one.

Claims are named by their content, so a changed claim is one that is gone and one that is new. The two are taken for
versions of one claim when they are of the same document and

- make the same statement, or take up the same proposition, or
- speak of the same subject or object, and stand in the same place: their passages in one and the same text overlap,
  their key phrases are the same, or they stand in one record of imported data.

Where several fit, those with the same proposition come first, then the same statement, then those that overlap most,
then those with most features in common. No claim is in two pairs.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from kg.diff.sides import Node, Side, read_nodes

#: Features that tell where a claim stands, not what it says.
PLACES = frozenset({"passage", "antecedents", "cue at"})
_LABELS = {
    "hedge": "cue", "citedWork": "work", "subjectVariable": "subject", "objectVariable": "object", "viaOrder": "via",
}  # fmt: skip
#: Properties that say what another one says already, or that follow from elsewhere.
_UNTOLD = {
    "type", "document", "wasDerivedFrom", "wasGeneratedBy", "frame", "subject", "object", "aspect", "sign", "via",
    "related", "assertedIn", "deniedIn", "questionedIn", "independentSources",
    "agreeingSources", "possiblyDependent",
}  # fmt: skip
_ANCHORS = ("anchor", "antecedent", "hedgeAnchor")
#: The kinds of nodes and lists that values are named after.
_PREFIX = re.compile(r"^(?:variable|relation|entity|work|document|record/[^/]+)/")


@dataclass(frozen=True)
class Version:
    """A claim as one build has it."""

    id: str
    document: str
    #: What it says, by the name of the feature.
    features: Mapping[str, str]
    proposition: str
    #: The entities at its ends.
    ends: tuple[str, str]
    #: The digest of the text, and the passage in it.
    place: tuple[str, int, int] | None
    records: frozenset[str]

    @property
    def statement(self) -> str:
        """The claim in the curator's words."""
        return self.features.get("statement", "")


def read_versions(side: Side, claims: Mapping[str, Node]) -> dict[str, Version]:
    """Return claims as a side has them, with what their propositions, anchors and figures say."""
    linked = read_nodes(side, {name for node in claims.values() for name in _list_links(node)})
    return {name: _read_version(name, node, linked) for name, node in claims.items() if "document" in node}


def _list_links(claim: Node) -> Iterator[str]:
    for key, values in claim.items():
        for value in values:
            if key in _ANCHORS:
                yield from (f"{value}/position", f"{value}/quote")
            elif value.startswith(("proposition/", "figure/", "document/")):
                yield value


def _read_version(name: str, claim: Node, linked: Mapping[str, Node]) -> Version:
    document = claim["document"][0]
    act, proposition = next(((k, v[0]) for k, v in claim.items() if v[0].startswith("proposition/")), ("", ""))
    about = linked.get(proposition, {})
    features = {"act": act, **_tell_places(claim, linked)}
    if "figure" in claim:
        features["figures"] = "; ".join(sorted(_tell_figure(linked.get(f, {})) for f in claim["figure"]))
    skipped = {act, "figure", *_ANCHORS}
    features |= tell_features({key: values for key, values in claim.items() if key not in skipped})
    features |= tell_features(about)
    place = None
    if "anchor" in claim:
        start, end = _range(claim["anchor"][0], linked)
        place = (linked.get(document, {}).get("sha256", ("",))[0], start, end)
    ends = (about.get("subject", ("",))[0], about.get("object", ("",))[0])
    records = frozenset(claim.get("record", ()))
    return Version(name, document.removeprefix("document/"), features, proposition, ends, place, records)


def tell_features(node: Node) -> dict[str, str]:
    """Return the properties of a node in words.

    >>> tell_features({"certainty": ("certainty-stated",), "scopeRegion": ("entity/brain",), "sign": ("1",)})
    {'certainty': 'stated', 'scope region': 'brain'}
    """
    told = {}
    for key, values in node.items():
        if key not in _UNTOLD:
            words = _split(key)
            label = _LABELS.get(key, words)
            told[label] = ", ".join(_shorten(v, words.replace(" ", "-")) for v in values)
    return told


def _split(name: str) -> str:
    return re.sub("([A-Z])", lambda found: " " + found[1].lower(), name)


def _shorten(value: str, scheme: str) -> str:
    """Return a value without the kind or list that it is of."""
    return _PREFIX.sub("", value).removeprefix(f"{scheme}-").removeprefix("state-")


def _tell_places(claim: Node, linked: Mapping[str, Node]) -> dict[str, str]:
    told = {}
    if "anchor" in claim:
        told["passage"] = _tell_range(claim["anchor"][0], linked)
        told["phrase"] = linked.get(f"{claim['anchor'][0]}/quote", {}).get("exact", ("",))[0]
    if "antecedent" in claim:
        told["antecedents"] = ", ".join(sorted(_tell_range(a, linked) for a in claim["antecedent"]))
    if "hedgeAnchor" in claim:
        told["cue at"] = _tell_range(claim["hedgeAnchor"][0], linked)
    return told


def _range(anchor: str, linked: Mapping[str, Node]) -> tuple[int, int]:
    position = linked.get(f"{anchor}/position", {})
    return int(position.get("start", ("0",))[0]), int(position.get("end", ("0",))[0])


def _tell_range(anchor: str, linked: Mapping[str, Node]) -> str:
    return "{}-{}".format(*_range(anchor, linked))


def _tell_figure(figure: Node) -> str:
    """Return a figure in words.

    >>> _tell_figure({"low": ("50",), "high": ("60",), "unit": ("unit-percent",), "counted": ("nights",)})
    '50-60 percent, nights'
    """
    one = {key: values[0] for key, values in figure.items()}
    value = one.get("value") or f"{one.get('low', '')}-{one.get('high', '')}"
    about = "about " if one.get("about") == "true" else ""
    unit = one.get("unit", "").removeprefix("unit-")
    who = [one.get("counted", ""), one.get("population", "").removeprefix("entity/")]
    return ", ".join([f"{about}{value} {unit}".strip(), *filter(None, who)])


def pair_versions(gone: Iterable[Version], new: Iterable[Version]) -> list[tuple[Version, Version]]:
    """Return the pairs that are versions of one claim, by the rule of this module."""
    befores, afters = list(gone), list(new)
    buckets: dict[tuple[str, str, str], list[Version]] = defaultdict(list)
    for after in afters:
        for key in _keys(after):
            buckets[key].append(after)
    found = {
        (before.id, after.id): (_rank(before, after), before, after)
        for before in befores
        for key in _keys(before)
        for after in buckets[key]
        if _are_kin(before, after)
    }
    pairs: list[tuple[Version, Version]] = []
    taken: set[str] = set()
    for (one, other), (_, before, after) in sorted(found.items(), key=lambda item: (item[1][0], item[0])):
        if not {one, other} & taken:
            taken |= {one, other}
            pairs.append((before, after))
    return pairs


def _keys(version: Version) -> set[tuple[str, str, str]]:
    """Return what two claims must have in common, one at least, to be versions of one."""
    subject, object_ = version.ends
    said = {("statement", version.statement), ("proposition", version.proposition)}
    return {(version.document, kind, value) for kind, value in said | {("end", subject), ("end", object_)} if value}


def _are_kin(before: Version, after: Version) -> bool:
    if before.statement == after.statement or before.proposition == after.proposition:
        return True
    phrase = before.features.get("phrase")
    return bool(
        _overlap(before, after) or (phrase and phrase == after.features.get("phrase")) or before.records & after.records
    )


def _overlap(before: Version, after: Version) -> float:
    """Return how much of two passages of one text is common to both."""
    if not before.place or not after.place or before.place[0] != after.place[0]:
        return 0.0
    (_, a, b), (_, c, d) = before.place, after.place
    return max(0, min(b, d) - max(a, c)) / max(1, max(b, d) - min(a, c))


def _rank(before: Version, after: Version) -> tuple[bool, bool, float, int]:
    """Return how well two claims fit; the best come first."""
    common = sum(after.features.get(key) == value for key, value in before.features.items())
    same = before.proposition == after.proposition, before.statement == after.statement
    return (not same[0], not same[1], -_overlap(before, after), -common)


def compare_features(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Return the features that differ, each with what it was and what it is.

    >>> compare_features({"act": "asserts", "cue": "may"}, {"act": "asserts"})
    {'cue': ('may', '')}
    """
    keys: Sequence[str] = [*before, *(key for key in after if key not in before)]
    return {key: (before.get(key, ""), after.get(key, "")) for key in keys if before.get(key) != after.get(key)}


def list_names(names: Collection[str], kind: str) -> list[str]:
    """Return the names of one kind of node, such as `claim`, without those of their parts."""
    return sorted(name for name in names if name.startswith(f"{kind}/") and name.count("/") == 1 and "#" not in name)
