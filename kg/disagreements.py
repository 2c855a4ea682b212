"""The rules by which disagreements are found, each a function that reads the answers and nothing else."""

from __future__ import annotations

from kg.assessments import evidence, research, safety
from kg.contradictions import aspect, contrast, direction, effect, order, role, stance
from kg.degrees import certainty, figure, route, value, weight
from kg.pairs import Rule

RULES: tuple[Rule, ...] = (
    direction, contrast, stance, effect, figure, evidence, research, safety, route, role, value, weight, order,
    certainty, aspect,
)  # fmt: skip
