"""What a rule is, where it is asked, and what a violation of it means there."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from policies.resource import Kind, Resource, Undecided

Found = Iterator[str]
"""What is wrong and what to change, one text for each violation."""
Check = Callable[[Resource], Found]


class Level(StrEnum):
    """What a violation does."""

    ADVISORY = "advisory"
    """It is said."""
    MANDATORY = "mandatory"
    """It ends the run before the resource is made."""


Levels = Mapping[str, Level]
"""By topology; a rule is not asked in one that is not there."""
EVERYWHERE: Levels = {"dev": Level.ADVISORY, "prod": Level.MANDATORY, "mono": Level.MANDATORY}
SERVING: Levels = {"prod": Level.MANDATORY, "mono": Level.MANDATORY}
"""Of no meaning while an application is being worked on."""
ADVICE: Levels = {"dev": Level.ADVISORY, "prod": Level.ADVISORY, "mono": Level.ADVISORY}
"""What the configuration allows by name is said, and never refused."""
DEV: Levels = {"dev": Level.ADVISORY}
STRICTEST = "prod"
"""What a stack without a topology is taken for: the pack may watch over other programs too."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Rule:
    """One rule."""

    name: str
    asks: str
    """What it asks for, in a sentence or two."""
    of: tuple[Kind, ...]
    cis: tuple[str, ...]
    """Numbers of the CIS Docker Benchmark 1.6.0; none for a rule of berth's own."""
    levels: Levels
    check: Check

    def violations(self, resource: Resource) -> list[str]:
        """What is wrong with a resource. What is not known yet is not wrong yet: it is asked again when it is."""
        found: list[str] = []
        if resource.type not in self.of:
            return found
        try:
            for text in self.check(resource):
                found.append(text)  # noqa: PERF402  # what was found before the unknown counts
        except Undecided:
            pass
        return found


def rule(*of: Kind, cis: tuple[str, ...] = (), levels: Levels = EVERYWHERE) -> Callable[[Check], Rule]:
    """Make a rule of a function: its name and its docstring are the rule's."""

    def made(check: Check) -> Rule:
        name = getattr(check, "__name__", "").replace("_", "-")
        asks = " ".join((check.__doc__ or "").split())
        return Rule(name=name, asks=asks, of=of, cis=cis, levels=levels, check=check)

    return made
