"""What the commands share: the application, its options, and printing on a terminal or for a script."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from kg.errors import Finding
from kg.names import CG
from kg.settings import Settings

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Claims you can check: build, check and ask a graph of what documents claim.",
    epilog="Exit codes: 0 clean, 1 findings, 2 could not run. Settings are environment variables; see the README.",
)
out = Console(highlight=False, soft_wrap=True, emoji=False)
err = Console(stderr=True, highlight=False, soft_wrap=True, emoji=False)

Json = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
Engine = Annotated[str | None, typer.Option("--engine", help="What applies the shapes: pyshacl or shacl (KG_ENGINE).")]


def read_settings(engine: str | None = None) -> Settings:
    """Return the settings of the environment, with another engine where one is named."""
    settings = Settings.from_environment()
    return replace(settings, engine=engine) if engine else settings


@contextmanager
def show_progress() -> Iterator[Any]:
    """Show on a terminal what is being done; say nothing to a script."""
    with err.status("starting") as status:
        yield lambda step: status.update(step)


def print_findings(findings: Sequence[Finding], as_json: bool) -> None:
    """Print findings, one a line."""
    for finding in findings:
        if as_json:
            typer.echo(json.dumps(asdict(finding), ensure_ascii=False))
        else:
            style = {"error": "red", "warning": "yellow"}.get(finding.severity, "")
            out.print(str(finding), style=style, markup=False)


def print_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table on a terminal, tab-separated lines to a script."""
    if not out.is_terminal:
        for row in [columns, *rows]:
            typer.echo("\t".join(row))
        return
    table = Table(*columns)
    for row in rows:
        table.add_row(*row)
    out.print(table, markup=False, soft_wrap=False)
    out.print(f"{len(rows)} rows")


def shorten(value: Any, base: str) -> str:
    """Return an address of ours without what all have in common."""
    return str(value).removeprefix(CG).removeprefix(base)
