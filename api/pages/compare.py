"""The page that sets documents side by side: who says what on each question, how surely, and where they disagree."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fastapi import Request, Response

from api.deps import Session
from api.pages.chooser import Chooser, local, read_chooser
from api.pages.neighbourhood import words
from api.pages.view import Asked, show_page
from kg.compare.matrix import Line, Matrix

Row = Mapping[str, Any]
#: How the answers to a question may stand together, in words, the most serious first; and what it makes of the whole.
_VERDICTS = {
    "hard": "contradict one another outright", "soft": "differ in part", "agree": "agree",
    "apart": "say different things that do not clash",
}  # fmt: skip
_WORDS = {"hard": "No.", "soft": "Not in everything.", "agree": "Yes.", "apart": "They speak of different things."}


@dataclass(frozen=True)
class Said:
    """One thing that a document says on a question, in one way, with the claims that say it."""

    act: str
    state: str
    relation: str
    direction: str
    certainty: str
    finding: str
    figure: str
    claims: list[Row] = field(default_factory=list)


@dataclass(frozen=True)
class Question:
    """One question with what each document says on it, and the disagreements that it takes part in."""

    frame: str
    subject: str
    subject_label: str
    family: str
    object: str
    object_label: str
    cells: Mapping[str, list[Said]]
    disagreements: Sequence[Row]
    verdict: str

    @property
    def groups(self) -> list[tuple[tuple[str, str], list[tuple[str, Said]]]]:
        """What is said, by act and direction: who says it, and how."""
        found: dict[tuple[str, str], list[tuple[str, Said]]] = defaultdict(list)
        for document, cell in self.cells.items():
            for said in cell:
                found[said.act, said.direction].append((document, said))
        return sorted(found.items(), key=lambda group: (group[0][0] != "asserts", -len({d for d, _ in group[1]})))


def show(
    request: Request,
    session: Session,
    made: Matrix,
    choice: Mapping[str, str],
    formats: Mapping[str, str],
    permanent: str,
) -> Response:
    """Show a comparison as a page."""
    chooser = read_chooser(session)
    details = read_details(session, choice)
    found = read_disagreements(session, made.disagreements)
    shown = [make_question(line, details, found) for line in made.lines]
    alone = {d: [make_question(line, details, ()) for line in lines] for d, lines in made.unique.items()}
    told = Counter(question.verdict for question in shown if len(question.cells) > 1)
    answering = sum(d in alone or any(d in q.cells for q in shown) for d in made.documents)
    answer, because = answer_shortly(told, answering, len(made.documents))
    return show_page(
        request,
        session,
        "compare.html",
        make_title(chooser, choice, shown, made.documents),
        make_asked(choice),
        _offered(request, formats),
        command=_command(request),
        permanent=permanent,
        chooser=chooser,
        choice=choice,
        documents=made.documents,
        questions=shown,
        focus=choose_focus(shown, found),
        answer=answer,
        because=because,
        disagreements=found,
        related=read_related(session, [*shown, *(q for questions in alone.values() for q in questions)]),
        alone=alone,
    )


def make_title(chooser: Chooser, choice: Mapping[str, str], shown: Sequence[Question], documents: Sequence[str]) -> str:
    """Return the question that the page answers."""
    kind = f"any {words(choice['kind'])}" if choice.get("kind") else ""
    topic = chooser.labels.get(choice.get("entity", ""), "") or kind
    if "frame" in choice and shown:
        topic = f"{shown[0].subject_label} and {shown[0].object_label}"
    about = f" about {topic}" if topic else ""
    return f"Do these documents agree{about}?" if len(documents) > 1 else f"What does this document say{about}?"


def answer_shortly(told: Mapping[str, int], answering: int, documents: int) -> tuple[str, str]:
    """Return the answer in a word and in a sentence: on how many questions the documents agree and differ.

    >>> answer_shortly({"hard": 1, "agree": 2}, 4, 5)[0]
    'No.'
    >>> answer_shortly({"agree": 2}, 2, 2)[1]
    '2 of 2 documents have something to say here. Of the 2 questions that more than one answers, they agree on 2.'
    """
    if documents < 2:
        return "", "One document alone has nothing to agree with. Choose another one to compare it with."
    if not answering:
        return "", "None of these documents says anything here."
    shared = sum(told.values())
    if not shared:
        return "They do not meet.", "No question here is answered by more than one of these documents."
    word = next(word for verdict, word in _WORDS.items() if told.get(verdict))
    parts = [f"{words} on {told[verdict]}" for verdict, words in _VERDICTS.items() if told.get(verdict)]
    listed = ", ".join(parts[:-1]) + " and " + parts[-1] if len(parts) > 1 else parts[0]
    questions = "one question" if shared == 1 else f"{shared} questions"
    return word, (
        f"{answering} of {documents} documents have something to say here. "
        f"Of the {questions} that more than one answers, they {listed}."
    )


def make_asked(choice: Mapping[str, str]) -> list[Asked]:
    """Return the queries behind the page."""
    about = {k: v for k, v in choice.items() if k == "entity"}
    return [("compare-claims", choice), ("disagreements", about), ("disagreement-claims", {}), ("related", {})]


def _offered(request: Request, formats: Mapping[str, str]) -> dict[str, str]:
    """Return the formats of this very view: as RDF there are comparisons of all documents alone."""
    chosen = request.query_params.get("document")
    return {f: t for f, t in formats.items() if not (chosen and f in ("ttl", "jsonld"))}


def _command(request: Request) -> str:
    """Return the words after `kg` that make this comparison."""
    given = request.query_params.multi_items()
    words = [v for k, v in given if k == "document"]
    words += [word for k, v in given if k in ("entity", "kind", "frame") for word in (f"--{k}", v)]
    words += ["--whole"] if request.query_params.get("whole") in ("true", "1", "on", "yes") else []
    return " ".join(["compare", *words])


# Questions


def read_details(session: Session, choice: Mapping[str, str]) -> dict[str, list[Row]]:
    """Return the claims on each question, by its frame."""
    found: dict[str, list[Row]] = defaultdict(list)
    for row in session.table("compare-claims", **choice).rows:
        found[row["frame"]].append(row)
    return found


def make_question(line: Line, details: Mapping[str, Sequence[Row]], disagreements: Sequence[Row]) -> Question:
    """Return a line of the matrix with labels, what is said in each cell, and how the answers stand together."""
    rows = [row for row in details[line.frame] if local(row["document"]) in line.cells]
    mine = [d for d in disagreements if (d["subject"], d["family"], d["object"]) == _ends(line)]
    cells: dict[str, dict[tuple[str, ...], Said]] = {document: {} for document in line.cells}
    for row in rows:
        said = make_said(row)
        key = (said.act, said.state, said.relation, said.direction, said.certainty, said.finding, said.figure)
        kept = cells[local(row["document"])].setdefault(key, said)
        if all(row["claim"] != claim["claim"] for claim in kept.claims):
            kept.claims.append(row)
    return Question(
        frame=line.frame,
        subject=line.subject,
        subject_label=rows[0]["subject_label"],
        family=line.family,
        object=line.object,
        object_label=rows[0]["object_label"],
        cells={document: list(said.values()) for document, said in cells.items()},
        disagreements=mine,
        verdict=judge(rows, mine),
    )


def _ends(line: Line) -> tuple[str, str, str]:
    return line.subject, line.family, line.object


def make_said(row: Row) -> Said:
    """Return what one claim says, without the claim."""
    figure = ""
    if row.get("unit"):
        low, high = row.get("low"), row.get("high")
        value = row.get("value", low if low == high else f"{_number(low)}–{_number(high)}")
        figure = f"{_number(value)} {'%' if row['unit'] == 'percent' else row['unit']}"
    return Said(
        act=local(row["act"]).partition("#")[2],
        state=row.get("subject_state", ""),
        relation=row["relation_label"],
        direction=row.get("direction", ""),
        certainty=row["certainty"],
        finding=row.get("finding", ""),
        figure=figure,
    )


def _number(value: Any) -> str:
    """Return a number as people write it, an open end as nothing.

    >>> _number(70.0), _number(2.5), _number(None)
    ('70', '2.5', '')
    """
    return f"{value:g}" if isinstance(value, float) else "" if value is None else str(value)


def judge(rows: Iterable[Row], disagreements: Iterable[Row]) -> str:
    """Return how the answers to a question stand together.

    A disagreement between documents decides, the most serious one; else two documents that give one answer agree, and
    those that do not stand apart, neither for nor against one another.

    >>> one = {"document": "a", "act": "asserts", "sign": 1, "relation": "causes"}
    >>> judge([one, {**one, "document": "b", "relation": "promotes"}], [])
    'agree'
    >>> judge([one], [{"hardness_name": "soft", "reach": "between"}])
    'soft'
    >>> judge([one, {**one, "document": "b", "act": "denies"}], [])
    'apart'
    """
    between = {d["hardness_name"] for d in disagreements if d["reach"] == "between"}
    for verdict in ("hard", "soft"):
        if verdict in between:
            return verdict
    answers: dict[tuple[Any, ...], set[str]] = defaultdict(set)
    for row in rows:
        answers[row["act"], row["sign"] or row["relation"], row.get("finding")].add(row["document"])
    return "agree" if any(len(documents) > 1 for documents in answers.values()) else "apart"


def choose_focus(questions: Sequence[Question], disagreements: Iterable[Row]) -> Question | None:
    """Return the question to show first: of the most serious disagreement, or the first one when all is well."""
    for found in disagreements:
        for question in questions:
            if question.verdict == found["hardness_name"] and found in question.disagreements:
                return question
    return next(iter(questions), None)


# Disagreements and neighbours


def read_disagreements(session: Session, found: Sequence[Row]) -> list[Row]:
    """Return disagreements with their claims by document."""
    claims: dict[str, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in session.table("disagreement-claims").rows:
        claims[row["disagreement"]][local(row["document"])].append(row)
    return [{**d, "claims": claims[d["disagreement"]]} for d in found]


def read_related(session: Session, questions: Iterable[Question]) -> list[tuple[Question, str, list[Row]]]:
    """Return, by question and relation, the claims that differ in scope alone: they hold in other circumstances."""
    by_frame = {question.frame: question for question in questions}
    groups: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in session.table("related").rows:
        question = by_frame.get(row["frame"])
        if question is not None and local(row["document"]) in question.cells:
            groups[row["frame"], row["relation_label"]].append(row)
    return [(by_frame[frame], relation, rows) for (frame, relation), rows in groups.items() if len(rows) > 1]
