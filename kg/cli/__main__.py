"""The command line as a whole."""

from __future__ import annotations

import sys

from kg.cli import ask, curate, imports, keep, reason, take
from kg.cli.terminal import app, err, print_findings
from kg.errors import CheckError, ClaimgraphError

#: Each module puts its commands into the application when it is imported.
GROUPS = (keep, curate, ask, reason, take)
app.add_typer(imports.app, name="import")


def main() -> None:
    """Run the command line; errors become one sentence and exit code 2."""
    try:
        app()
    except CheckError as error:
        print_findings(error.findings, False)
        err.print(str(error), style="red", markup=False)
        sys.exit(1)
    except ClaimgraphError as error:
        err.print(str(error), style="red", markup=False)
        sys.exit(2)
    except BrokenPipeError:
        sys.stderr.close()


if __name__ == "__main__":
    main()
