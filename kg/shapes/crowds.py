"""pySHACL's shapes, asked about many nodes at once: what one says of a node is remembered while a graph is judged.

pySHACL asks a shape that another leads to (`sh:property`, `sh:and`, `sh:or` and so on) anew about each node, and reads
the shape anew each time. Here the first time such a shape is asked about one of the nodes that are at hand, it is asked
about all of them. What the shape says of each is pySHACL's own word.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Set
from contextlib import contextmanager
from typing import Any

from pyshacl import Shape, ShapesGraph, Validator
from pyshacl.constraints.constraint_component import ConstraintComponent
from pyshacl.consts import SH_focusNode, SH_path, SH_property
from rdflib import Graph
from rdflib.term import Node

from kg.shapes.triples import JudgedTriples, Triples

#: Whether a node conforms, and the results when it does not.
Said = tuple[bool, list[Any]]
_CONFORMS: Said = (True, [])


class CrowdShape(Shape):
    """A shape that is asked about all nodes at hand when it is asked about one of them."""

    __slots__ = ("at_hand", "is_single", "said")

    sg: Crowds

    def __init__(self, shape: Shape, shapes: Crowds) -> None:
        path: Any = next(shapes.graph.objects(shape.node, SH_path), None)
        super().__init__(shapes, shape.node, shape.is_property_shape, path, shape.logger)
        self.at_hand: Collection[Node] = ()
        self.said: dict[Node, Said] = {}
        #: Whether it is to be asked as pySHACL asks: about one node after another.
        self.is_single = shapes.leads_back(self.node) or shapes.leads_elsewhere(self.node)

    def forget(self) -> None:
        """Forget what was said, before another graph is judged."""
        self.at_hand, self.said = (), {}

    def focus_nodes(self, data_graph: Any, debug: bool = False) -> Any:
        """Return the nodes that the shape is about, except those that another slice answers for."""
        found: set[Node] = super().focus_nodes(data_graph, debug)  # type: ignore[no-untyped-call]
        return {node for node in found if str(node) not in self.sg.left}

    def value_nodes(self, target_graph: Any, focus: Any, sparql_mode: bool = False, debug: bool = False) -> Any:
        """Return the values of nodes, and hold them at hand for the shapes that this one leads to."""
        found = super().value_nodes(target_graph, focus, sparql_mode, debug)
        self.at_hand = {value for values in found.values() for value in values}
        return found

    def validate(self, executor: Any, target_graph: Any, focus: Any = None, _evaluation_path: Any = None) -> Any:
        """Tell whether one node conforms, which others led to, or all targets of the shape; and the results."""
        if _evaluation_path is None or self.is_single:
            return super().validate(executor, target_graph, focus, _evaluation_path)
        if focus not in self.said:
            # The path ends with the shape that leads here, and its constraint.
            nodes = [focus, *(n for n in _evaluation_path[-2].at_hand if n not in self.said and n != focus)]
            self.said |= dict.fromkeys(nodes, _CONFORMS)
            conforms, results = super().validate(executor, target_graph, nodes, _evaluation_path)
            if not conforms:
                self.said |= {node: (False, told) for node, told in _by_focus(results).items()}
        return self.said[focus]


def _by_focus(results: Iterable[Any]) -> dict[Node, list[Any]]:
    """Return results by the nodes that they are on."""
    found: dict[Node, list[Any]] = {}
    for result in results:
        _, name, parts = result
        found.setdefault(next(o[1] for s, p, o in parts if s is name and p == SH_focusNode), []).append(result)
    return found


@contextmanager
def _no_words() -> Iterator[None]:
    """Spare pySHACL putting each result into words beside its triples: alternatives that fail have thousands."""
    words = ConstraintComponent.make_v_result_description
    try:
        ConstraintComponent.make_v_result_description = lambda *_, **__: ""  # type: ignore[method-assign]
        yield
    finally:
        ConstraintComponent.make_v_result_description = words  # type: ignore[method-assign]


class Crowds(ShapesGraph):
    """Shapes that are read once and judge one graph after another."""

    def __init__(self, shapes: Graph) -> None:
        super().__init__(Triples(shapes))
        for prefix, namespace in shapes.namespaces():
            self.graph.bind(prefix, namespace)
        self.left: Set[str] = frozenset()

    @property
    def shapes(self) -> Any:
        """The shapes."""
        if not self._node_shape_cache:
            self._node_shape_cache |= {shape.node: CrowdShape(shape, self) for shape in super().shapes}
        return self._node_shape_cache.values()

    def leads_back(self, shape: Node) -> bool:
        """Tell whether a shape leads to itself."""
        met, todo = set[Node](), list(self.graph.objects(shape))
        while todo:
            if (node := todo.pop()) not in met:
                met.add(node)
                todo += self.graph.objects(node)
        return shape in met

    def leads_elsewhere(self, shape: Node) -> bool:
        """Tell whether results may be on other nodes than a shape is asked about: on the values of its path."""
        parts = list(self.graph.objects(shape, SH_property))
        has_path = (shape, SH_path, None) in self.graph
        return bool(parts) and (has_path or any(self.leads_back(part) or self.leads_elsewhere(part) for part in parts))

    def judge(self, triples: Triples, left: Set[str] = frozenset()) -> tuple[Graph, str]:
        """Return pySHACL's report on triples, and its text without results; what is left out is not judged."""
        self.left = left
        validator = Validator(JudgedTriples(triples), shacl_graph=self.graph)
        validator.shacl_graph = self
        try:
            with _no_words():
                _, report, text = validator.run()  # type: ignore[no-untyped-call]
        finally:
            for shape in self.shapes:
                shape.forget()
        return report, text
