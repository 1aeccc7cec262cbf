"""`berth config`: every value of a stage and where it comes from."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rich.text import Text

from config.load import SEALED, Resolved, resolve
from config.origins import Value, nested, secrets_of, values_of
from config.problems import Refused
from config.stage_file import source_of
from ops.console import OUT, Stop, say

PLAIN = re.compile(r"[A-Za-z/_][A-Za-z0-9/_.@+-]*|[1-9][0-9]*(ms|s|m|h|[KMG]iB)")
OTHER_IN_YAML = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
"""Words that a YAML reader may take for something else than text."""
INDENT = "  "
WIDEST = 60
"""Column of the origins at most: longer lines have theirs right behind."""


def show(root: Path, stack: str, *, as_json: bool) -> None:
    """Print the configuration of a stage, or refuse it as the program does."""
    try:
        source = source_of(root, stack)
        resolved = resolve(source)
    except Refused as refused:
        raise Stop(f"this configuration is refused:\n{refused}") from None
    if as_json:
        OUT.print(json.dumps(report(stack, resolved), indent=2, ensure_ascii=False))
        return
    say(f"# Stage {stack}: each value, and where it comes from.", style="dim")
    for line in lines(values_of(resolved)):
        OUT.print(line)
    for text in secret_lines(resolved):
        say(text, style="dim")


def report(stack: str, resolved: Resolved) -> dict[str, Any]:  # Any: JSON
    """For programs: values and their origins in the same form, side by side."""
    values = values_of(resolved)
    return {"stack": stack, "values": nested(values), "origins": nested(values, origins=True), "secrets": secrets_of(resolved)}


def secret_lines(resolved: Resolved) -> Iterator[str]:
    """The secrets that the stage gives, by name."""
    given = secrets_of(resolved)
    if given:
        yield "# Secrets that the stage gives; nobody sees their values here:"
    width = max(map(len, given), default=0)
    yield from (f"#   {name.ljust(width)}  {SEALED}  {place}" for name, place in given.items())


def lines(values: list[Value]) -> Iterator[Text]:
    """YAML with the origin of each value as a comment; what somebody wrote stands out on a terminal."""
    texts = list(_with_heads(values))
    width = min(max((len(text) for text, _ in texts), default=0), WIDEST)
    for text, value in texts:
        if value is None:
            yield Text(text)
            continue
        written = not value.origin.startswith("default")
        yield Text.assemble((text.ljust(width), "bold" if written else ""), (f"  # {value.origin}", "cyan" if written else "dim"))


def _with_heads(values: list[Value]) -> Iterator[tuple[str, Value | None]]:
    before: tuple[str | int, ...] = ()
    for value in values:
        *sections, key = value.path
        for depth, section in enumerate(sections):
            if before[: depth + 1] != value.path[: depth + 1]:
                yield f"{INDENT * depth}{scalar(section)}:", None
        yield f"{INDENT * len(sections)}{scalar(key)}: {flow(value.value)}", value
        before = value.path


def flow(value: Any) -> str:  # Any: JSON
    """A value in one line of YAML."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{scalar(key)}: {flow(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return f"[{', '.join(flow(inner) for inner in value)}]"
    return scalar(value)


def scalar(value: str | float | None) -> str:
    """One scalar, quoted where YAML would read it as something else."""
    plain = isinstance(value, str) and PLAIN.fullmatch(value) and value.lower() not in OTHER_IN_YAML
    return str(value) if plain else json.dumps(value, ensure_ascii=False)
