"""What a reference has an example keep: rows of a table, one for each demand."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest


@dataclass(frozen=True)
class Demand:
    """A row: where the reference says it, what it says, how that is seen, and what has to be seen."""

    place: str
    what: str
    seen: Callable[[Any], object]
    expected: object = True

    def check(self, site: Any) -> None:
        """Look."""
        seen = self.seen(site)
        assert seen == self.expected, f"{self.place}, {self.what}: {seen!r} instead of {self.expected!r}"


def rows(*demands: Demand) -> pytest.MarkDecorator:
    """A table as the parameters of one test."""
    return pytest.mark.parametrize("demand", demands, ids=[f"{demand.place}: {demand.what}" for demand in demands])
