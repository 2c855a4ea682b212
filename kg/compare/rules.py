"""The rules by which disagreements are found, each a function that reads the answers and nothing else."""

from __future__ import annotations

from kg.compare.assessments import evidence, research, safety
from kg.compare.contradictions import aspect, contrast, direction, effect, order, role, stance
from kg.compare.degrees import certainty, figure, route, value, weight
from kg.compare.pairs import Rule

RULES: tuple[Rule, ...] = (
    direction, contrast, stance, effect, figure, evidence, research, safety, route, role, value, weight, order,
    certainty, aspect,
)  # fmt: skip
