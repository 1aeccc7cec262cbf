"""How a command ends: with an exit code, and where something is wrong with one message."""

import functools
from collections.abc import Callable

import typer

from ops.console import Stop, complain
from ops.engine import REMEDY, TROUBLE

INTERRUPTED = 130


def guarded(command: Callable[..., int]) -> Callable[..., None]:
    """Turn what a command returns or raises into an exit code, with one message and no traceback."""

    @functools.wraps(command)
    def run(*arguments: object, **options: object) -> None:
        try:
            code = command(*arguments, **options)
        except Stop as stop:
            complain(str(stop))
            code = stop.code
        except TROUBLE as problem:
            complain(f"the Docker engine failed ({problem}): {REMEDY}, and run this again")
            code = 1
        except KeyboardInterrupt:
            complain("left")
            code = INTERRUPTED
        raise typer.Exit(code)

    return run
