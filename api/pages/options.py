"""The options of a search for paths: how the form offers them, and which would find paths where there are none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from fastapi import Request

from kg.mechanisms.paths import Mechanisms, Opening, Options


@dataclass(frozen=True)
class Choice:
    """An option of the form: its parameter with the value that ticks it, what it does, its field of `Options`."""

    name: str
    value: str
    field: str
    label: str
    why: str
    #: What asks for it on the command line.
    command: str = ""

    @property
    def widens(self) -> bool:
        """Whether it lets more in."""
        return self.value == "true"


CHOICES = (
    Choice("hedged", "false", "hedged", "only what is stated outright", "not what is probable or possible",
           "--stated-only"),
    Choice("contested", "false", "contested", "no contested steps", "not what another claim contradicts",
           "--uncontested"),
    Choice("symptoms", "false", "symptoms", "do not end in symptoms", "the goal itself, not what shows it"),
    Choice("hypotheses", "true", "hypothesised", "hypotheses too", "what is offered as a theory or thought",
           "--hypotheses"),
    Choice("narrower", "true", "narrower", "narrower terms match", "a kind of the thing counts as the thing",
           "--narrower"),
    Choice("inverted", "true", "inverted", "steps turned round", "“more of it raises” read as “less of it lowers”",
           "--inverted"),
    Choice("associations", "true", "associations", "bare associations", "goes together with; no cause is stated",
           "--associations"),
    Choice("generic", "true", "generic", "generic things", "such as “symptoms”, which join anything to anything",
           "--generic"),
)  # fmt: skip


def suggest(
    request: Request, loaded: Mechanisms, source: str, target: str, options: Options
) -> list[tuple[str, str, int]]:
    """Return what would find paths where there are none: in words, its address, and how many."""
    found = [
        (words, change_address(request, change), count)
        for words, change, wider in _widenings(options)
        if wider != options and (count := loaded.count(source, target, wider))
    ]
    if count := loaded.count(target, source, options):
        found.append(("the other way round", change_address(request, {"from": target, "to": source}), count))
    return found


def choice_of(opening: Opening) -> Choice:
    """Return the option of the form that would open further paths."""
    return next(choice for choice in CHOICES if choice.field == opening.option)


def _widenings(options: Options) -> Iterator[tuple[str, Mapping[str, str], Options]]:
    """Yield wider searches: in words, the parameters that change, the options."""
    for choice in CHOICES:
        if choice.widens:
            yield choice.label, {choice.name: choice.value}, _widen(options, choice)
    if not options.hedged:
        yield "with what is hedged", {"hedged": ""}, replace(options, hedged=True)
    if not options.contested:
        yield "with contested steps", {"contested": ""}, replace(options, contested=True)
    if options.documents or options.through:
        everywhere = replace(options, documents=frozenset(), through=frozenset())
        yield "in all documents, through all kinds", {"document": "", "through": ""}, everywhere
    if options.longest < 8:
        yield "up to 8 steps", {"longest": "8"}, replace(options, longest=8)
    together = [choice for choice in CHOICES if choice.widens and choice.name != "generic"]
    words = ", ".join(choice.label for choice in together)
    yield f"together: {words}", {choice.name: choice.value for choice in together}, _widen(options, *together)


def _widen(options: Options, *choices: Choice) -> Options:
    let_in: dict[str, Any] = {choice.field: True for choice in choices}
    return replace(options, **let_in)


def change_address(request: Request, change: Mapping[str, str]) -> str:
    """Return the address of this page with other parameters; an empty one is left out."""
    kept = [(k, v) for k, v in request.query_params.multi_items() if k not in change]
    return f"{request.url.path}?{urlencode([*kept, *((k, v) for k, v in change.items() if v)])}"
