"""Reading the claims of one document: every name and value is checked, then the row becomes a claim."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from kg.corpus.files import Files, line_of, list_ids
from kg.corpus.propositions import compose, parse_variable
from kg.corpus.rows import ClaimRow, ClaimsFile, FigureRow, ImportedRow, SelectorRow, StatementRow
from kg.model import Anchor, Chain, Claim, Entity, Figure, Work
from kg.names import ID_PATTERN


class ClaimReader(Files):
    """Reads `claims.toml` files against the entities and works that are known."""

    entities: dict[str, Entity]
    works: dict[str, Work]

    def read_claims(self, file: Path, document: str, length: int) -> tuple[tuple[Claim, ...], tuple[Chain, ...]]:
        """Read the claims and chains of one document."""
        if file not in self.given and not file.exists():
            self.report(file, "missing", "the document has no claims.toml", "write its first claim")
            return (), ()
        table, text = self.load(file, ClaimsFile)
        names, told = list_ids(text), self.faulty["claim"]
        self.faulty["claim"] = names  # a step that names a claim with faults is no fault of the chain
        claims: list[Claim] = []
        by_label: dict[str, Claim] = {}
        seen: dict[str, str] = {}
        for index, row in enumerate(table.claim if table else ()):
            if row is None:
                continue
            place, line = f"claim {row.id or index + 1}", line_of(text, "claim", index)
            claim = self.read_claim(file, document, length, row, place, line)
            if row.id and not ID_PATTERN.fullmatch(row.id):
                hint = "small letters, digits, hyphens"
                self.report(file, "id", f"{row.id!r} is not in kebab-case", hint, place, line)
            if row.id and row.id in by_label:
                self.report(file, "duplicate-id", f"claim {row.id!r} exists already", "rename one", place, line)
            if claim is None:
                continue
            if claim.id in seen:
                hint = "the two differ at most in their statement: keep one"
                self.report(file, "duplicate-claim", f"the same as {seen[claim.id]}", hint, place, line)
                continue
            seen[claim.id] = place
            by_label[row.id] = claim
            claims.append(claim)
        chains = []
        for index, chain in enumerate(table.chain if table else ()):
            if chain is None:
                continue
            place, line = f"chain {chain.id}", line_of(text, "chain", index)
            for step in chain.steps:
                self.check_name(file, place, line, "claim", step, by_label)
            if len(set(chain.steps)) < len(chain.steps):
                self.report(
                    file, "duplicate-step", "a claim stands in the chain twice", "name each step once", place, line
                )
            elif all(step in by_label for step in chain.steps):
                chains.append(Chain(document, chain.statement, tuple(by_label[s] for s in chain.steps)))
        self.faulty["claim"] = {f"{document}/{name}" for name in names} | told
        return tuple(claims), tuple(chains)

    def read_claim(self, file: Path, document: str, length: int, row: ClaimRow, place: str, line: int) -> Claim | None:
        """Return the claim of a row, or None when a name or value of it is not known."""
        before = len(self.findings)
        self.check_statement(file, row, place, line)
        anchors = [self.read_anchor(file, length, s, place, line) for s in (row, *row.antecedents)]
        if row.cue_at and not 0 <= row.cue_at[0] < row.cue_at[1] <= length:
            self.report(file, "offsets", f"cue_at {row.cue_at} is not within the text", f"length {length}", place, line)
        if any(f.severity == "error" for f in self.findings[before:]):
            return None
        return replace(
            self.make_claim(document, row, line),
            anchor=anchors[0],
            hedge_anchor=Anchor(row.cue_at[0], row.cue_at[1], row.cue) if row.cue_at else None,
            antecedents=tuple(anchors[1:]),
            acknowledged=tuple(sorted(row.acknowledge.items())),
        )

    def read_imported(self, file: Path, document: str, row: ImportedRow, place: str, line: int) -> Claim | None:
        """Return the claim of an imported row, which stands in records, or None when a name or value is not known."""
        before = len(self.findings)
        self.check_statement(file, row, place, line)
        if any(f.severity == "error" for f in self.findings[before:]):
            return None
        return replace(self.make_claim(document, row, line), records=tuple(sorted(row.record)))

    def make_claim(self, document: str, row: StatementRow, line: int) -> Claim:
        """Return the claim of a row whose names and values are all known, without the place where it stands."""
        return Claim(
            document=document,
            act=row.act,
            proposition=compose(row, self.vocabulary),
            statement=row.statement,
            anchor=None,
            certainty=row.certainty,
            hedge=row.cue,
            voice=row.voice,
            work=row.work,
            evidence=tuple(sorted(row.evidence)),
            strength=row.strength,
            frequency=row.frequency,
            extent=row.extent,
            only=row.only,
            presented=row.presented,
            assessment_of=row.of,
            finding=row.finding,
            figures=tuple(_figure(f) for f in row.figure),
            label=row.id,
            line=line,
        )

    def read_anchor(self, file: Path, length: int, row: SelectorRow, place: str, line: int) -> Anchor:
        """Return an anchor whose form is checked; whether the phrase stands there is checked with the text."""
        start, end = row.at
        if not 0 <= start < end <= length:
            message = f"offsets {row.at} are not within the text of {length} code points"
            self.report(file, "offsets", message, "'kg anchor' finds them", place, line)
        elif len(" ".join(row.phrase.split())) > end - start:
            self.report(file, "offsets", f"the phrase is longer than its passage {row.at}", "", place, line)
        if len(row.phrase.split()) > 12:
            self.report(
                file, "phrase-length", "a phrase has at most twelve words", "keep the telling words", place, line
            )
        return Anchor(start, end, " ".join(row.phrase.split()))

    def check_statement(self, file: Path, row: StatementRow, place: str, line: int) -> None:
        """Check all that a claim says, wherever it stands."""
        self.check_values(file, row, place, line)
        self.check_variables(file, row, place, line)

    def check_values(self, file: Path, row: StatementRow, place: str, line: int) -> None:
        """Check every key that takes a value of a closed list."""
        self.check_token(file, place, line, "act", row.act, self.vocabulary.acts)
        lists = {
            "certainty": row.certainty, "voice": row.voice, "baseline": row.baseline, "direction": row.direction,
            "strength": row.strength, "frequency": row.frequency, "extent": row.extent, "presented": row.presented,
            "of": row.of, "finding": row.finding,
        }  # fmt: skip
        schemes = {"baseline": "state", "of": "assessment-of"}
        for key, value in lists.items():
            if value:
                self.check_token(file, place, line, key, value, self.vocabulary.values(schemes.get(key, key)))
        for kind in row.evidence:
            self.check_token(file, place, line, "evidence", kind, self.vocabulary.values("evidence"))
        for figure in row.figure:
            self.check_token(file, place, line, "unit", figure.unit, self.vocabulary.values("unit"))
            if figure.population:
                self.check_name(file, place, line, "entity", figure.population, self.entities)
            one, range_ = figure.value is not None, figure.low is not None or figure.high is not None
            if one == range_:
                self.report(file, "figure", "a figure has a value, or low, high or both", "", place, line)
        if row.work:
            self.check_name(file, place, line, "work", row.work, self.works)
        if row.voice == "work" and not row.work:
            self.report(file, "voice", "voice 'work' needs the key 'work'", "name the cited work", place, line)
        if row.certainty != "stated" and not row.cue:
            hint = "give the word of the text that hedges"
            self.report(file, "cue", f"a {row.certainty} claim needs its cue", hint, place, line)
        if (row.act == "assesses") != bool(row.of and row.finding):
            self.report(file, "assessment", "'of' and 'finding' go with act 'assesses', both", "", place, line)

    def check_variables(self, file: Path, row: StatementRow, place: str, line: int) -> None:
        """Check relation, entities, aspects, states, scope and kinds."""
        known = self.check_name(file, place, line, "relation", row.relation, self.vocabulary.relations)
        effect = [row.effect] if row.effect else []
        for text in (row.subject, row.object, *row.via, *row.with_, *row.without, *effect):
            variable = parse_variable(text, self.vocabulary)
            if variable.entity not in self.entities:
                entities = {*self.entities, *self.vocabulary.states}
                self.check_name(file, place, line, "entity", variable.entity, self.entities, entities)
            if variable.aspect:
                self.check_token(file, place, line, "aspect", variable.aspect, self.vocabulary.values("aspect"))
            if variable.state:
                self.check_token(file, place, line, "state", variable.state, self.vocabulary.values("state"))
        if row.agency:
            self.check_name(file, place, line, "entity", row.agency, self.entities)
        scopes = self.vocabulary.entity_scopes | self.vocabulary.text_scopes
        for key, values in row.scope.items():
            if self.check_token(file, place, line, "scope", key, scopes) and key in self.vocabulary.entity_scopes:
                for value in values:
                    self.check_name(file, place, line, "entity", value, self.entities)
        if not known:
            return
        relation = self.vocabulary.relations[row.relation]
        for end, text, kinds in (
            ("subject", row.subject, relation.subject_kinds),
            ("object", row.object, relation.object_kinds),
        ):
            entity = self.entities.get(parse_variable(text, self.vocabulary).entity)
            if entity and kinds and not kinds & self.vocabulary.kinds.get(entity.kind, frozenset()):
                message = f"the {end} of {relation.id!r} cannot be a {entity.kind}: {entity.id!r}"
                self.report(file, "kind", message, f"it takes {', '.join(sorted(kinds))}", place, line)
        for key in relation.requires:
            if not getattr(row, key):
                self.report(file, "missing-key", f"{relation.id!r} needs the key {key!r}", "", place, line)


def _figure(row: FigureRow) -> Figure:
    """Return a figure with its numbers in canonical decimal form."""
    value, low, high = (_decimal(n) for n in (row.value, row.low, row.high))
    return Figure(row.unit, row.counted, value, low, high, row.population, row.about)


def _decimal(number: int | float | None) -> str:
    """Return the canonical form of xsd:decimal, or nothing.

    >>> _decimal(70), _decimal(0.50), _decimal(None)
    ('70', '0.5', '')
    """
    if number is None:
        return ""
    text = format(Decimal(str(number)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
