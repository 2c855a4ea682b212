"""Parameters of an address: what a route does not declare is refused, everywhere in the same way."""

from __future__ import annotations

from typing import get_args, get_origin

from fastapi import Request

from api.answers import read_parameters

#: Routes that take the parameters of a named query, or any that a client of the protocol sends: they look themselves.
_FREE = {"/{plural}", "/queries/{name}", "/sparql"}


async def refuse_unknown(request: Request) -> None:
    """Raise QueryError for a parameter that the route does not declare, or that is given twice without being a list."""
    route = request.scope["route"]
    if route.path not in _FREE:
        declared = {field.alias: field.field_info.annotation for field in route.dependant.query_params}
        read_parameters(request, declared, [name for name, type_ in declared.items() if _is_list(type_)])


def _is_list(annotation: object) -> bool:
    return list in {get_origin(one) for one in (annotation, *get_args(annotation))}
