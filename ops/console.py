"""What the command says: rich on a terminal, plain lines in a pipe; and the error that ends it."""

import json
from collections.abc import Sequence

import typer
from rich.console import Console
from rich.table import Table

OUT = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)
ERR = Console(stderr=True, highlight=False, markup=False, emoji=False, soft_wrap=True)

ADDRESS = "://"
"""A column with one is never folded: what is copied from a terminal should lead somewhere."""


class Stop(Exception):
    """Ends the command with one message and an exit code; no traceback."""

    def __init__(self, message: str, code: int = 1) -> None:
        super().__init__(message)
        self.code = code


def say(text: str, style: str | None = None) -> None:
    """One line for the person who started the command."""
    OUT.print(text, style=style)


def print_json(value: object) -> None:
    """A value for programs, to standard output, wherever the rest goes."""
    typer.echo(json.dumps(value, indent=2))


def complain(text: str) -> None:
    """One message about something wrong."""
    ERR.print(f"berth: {text}", style="red")


def columns(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns as plain text, two spaces apart, no space at the end of a line."""
    table = [head, *rows]
    widths = [max(len(row[column]) for row in table) for column in range(len(head))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in table)


def show_table(head: Sequence[str], rows: Sequence[Sequence[str]], styles: Sequence[str]) -> None:
    """Print a table; `styles` colours its rows on a terminal."""
    if not OUT.is_terminal:
        say(columns(head, rows))
        return
    table = Table(header_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for place, title in enumerate(head):
        table.add_column(title, no_wrap=any(ADDRESS in row[place] for row in rows))
    for row, style in zip(rows, styles, strict=True):
        table.add_row(*row, style=style)
    OUT.print(table, soft_wrap=False)


def amount(size: int) -> str:
    """A size in bytes for people: `48.3 MB`."""
    value = float(size)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000:
            return f"{value:.0f} B" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} TB"
