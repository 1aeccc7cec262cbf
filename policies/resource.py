"""A resource as rules see it: its type and inputs in plain values, whoever asked for it. Knows neither Pulumi nor the program."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Any

COMPONENTS = "berth:index:"
"""How the types of berth's components begin."""
DATA_VOLUME = "DataVolume"
"""The component of a volume that holds data."""
LABEL = "berth."
LOADER, JOB, DATA = "loader", "job", "data"
"""Values of the label `berth.role` that rules know."""
OWNER = "-owner"
"""Ends the name of the container that gives a data volume to its owner."""
SECURITY = "securityOpts"


class Kind(StrEnum):
    """Types of resources that there are rules for."""

    CONTAINER = "docker:index/container:Container"
    IMAGE = "docker:index/remoteImage:RemoteImage"
    NETWORK = "docker:index/network:Network"
    VOLUME = "docker:index/volume:Volume"


class Mark(Enum):
    """What stands where a value is not shown."""

    UNKNOWN = "unknown"
    """A value that is there only after something else was made; the same rule is asked again then."""
    SECRET = "secret"  # noqa: S105  # stands for one
    """A value that travels as a secret."""


class Undecided(Exception):
    """A rule cannot be answered yet: what it asks about is not known."""


Entry = Mapping[str, Any]  # Any: an input of a resource


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One resource before it is made."""

    type: str
    name: str
    """The name in the program."""
    component: str
    """Name of the component that it is part of, as `Postgres`; empty for none."""
    inputs: Entry
    protect: bool = False
    retained: bool | None = None
    """Whether a destroy leaves it. None: nobody says, as Pulumi's engine does not."""

    def get(self, key: str) -> Any:  # Any: an input
        """An input; None where it is not given."""
        value = self.inputs.get(key)
        if value is Mark.UNKNOWN:
            raise Undecided
        return value

    def text(self, key: str) -> str:
        """An input that is text; empty where it is not given."""
        value = self.get(key)
        return value if isinstance(value, str) else ""

    def number(self, key: str) -> float:
        """An input that is a number, or text that says one; 0 where it is neither."""
        try:
            return float(self.get(key))
        except (TypeError, ValueError):
            return 0

    def texts(self, key: str) -> list[str]:
        """The texts of a list, as far as they are known."""
        return [item for item in self._list(key) if isinstance(item, str)]

    def entries(self, key: str) -> list[Entry]:
        """The mappings of a list, as far as they are known."""
        return [item for item in self._list(key) if isinstance(item, Mapping)]

    def inside(self, key: str) -> Entry:
        """An input that is a mapping; empty where it is not given."""
        value = self.get(key)
        return value if isinstance(value, Mapping) else {}

    def _list(self, key: str) -> list[Any]:  # Any: items of an input
        value = self.get(key)
        return list(value) if isinstance(value, list | tuple) else []

    @property
    def labels(self) -> dict[str, str]:
        """Labels by name."""
        return {str(entry.get("label")): str(entry.get("value")) for entry in self.entries("labels")}

    def label(self, key: str) -> str:
        """One of berth's own labels; empty where it is not there."""
        return self.labels.get(LABEL + key, "")

    @property
    def allowed(self) -> list[str]:
        """Fields of the configuration that allow by name what a rule asks against: in a label, or in a trigger of an image, which has no labels."""
        said = self.label("allows") or str(self.inside("triggers").get(f"{LABEL}allows", ""))
        return [name for name in said.split(",") if name]

    @property
    def holds_data(self) -> bool:
        """Whether it is a data volume, also one that somebody made by hand, without labels, to put data back."""
        return self.label("role") == DATA or (self.type == Kind.VOLUME and self.component == DATA_VOLUME)

    @property
    def put_back(self) -> bool:
        """Whether somebody made this data volume by hand, perhaps with labels of their own: a volume gets labels when it is made, and then never again."""
        return self.holds_data and not any(label.startswith(LABEL) for label in self.labels)

    @property
    def is_loader(self) -> bool:
        """Whether it fills a volume and is never started: no process of it ever runs."""
        return self.label("role") == LOADER and self.get("start") is False

    @property
    def is_owner(self) -> bool:
        """Whether it gives a data volume to its owner, which nobody but root can do. What else it may do is a rule of its own."""
        return self.label("role") == LOADER and self.name.endswith(OWNER)

    @property
    def is_job(self) -> bool:
        """Whether it runs once and ends."""
        return self.label("role") == JOB

    @property
    def stays(self) -> bool:
        """Whether it runs for good: what has no role is taken for a service."""
        return self.label("role") not in (LOADER, JOB)

    @property
    def options(self) -> list[str]:
        """Security options, as `seccomp=unconfined`: a colon means the same."""
        return [option.replace(":", "=", 1) for option in self.texts(SECURITY)]


def component_of(urn: str) -> str:
    """Name of the innermost component that a resource is part of, as `Postgres`; empty for none."""
    *parents, _ = urn.split("::")[2].split("$")
    return parents[-1].removeprefix(COMPONENTS) if parents and parents[-1].startswith(COMPONENTS) else ""
