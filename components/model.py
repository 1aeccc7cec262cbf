"""What every configuration model shares: the frozen base class and values with units."""

import re
from ipaddress import ip_address
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, PlainValidator, WithJsonSchema, model_validator

_SIZES = {"KiB": 1024, "MiB": 1024**2, "GiB": 1024**3}
_CPUS = r"[0-9]{1,3}(\.[0-9]{1,2})?"
_TIMES = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000}
NAME = r"^[a-z][a-z0-9_-]{0,39}$"
"""What a service, volume or secret may be called: it becomes a host name, a volume name and a variable's prefix."""

MOST_GIB = 1024
MOST_HOURS = 8784
"""A year, for what browsers keep. More is a slip of the keyboard, and would overflow what the engine counts in."""
MINIMUM_MEMORY = 6 * _SIZES["MiB"]
"""The engine refuses a container with less (moby, daemon/daemon_unix.go, linuxMinMemory)."""


class Model(BaseModel):
    """A frozen, closed set of plain values: an unknown key is an error, field docstrings are the reference.

    What checks values is built when the first ones come: most runs need one topology's models only.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True, defer_build=True)

    @model_validator(mode="before")
    @classmethod
    def _over_defaults(cls, data: Any) -> Any:  # Any: not yet validated
        """A section that is written in part goes over the default of its field, key by key, as everything else merges."""
        if not isinstance(data, dict):
            return data
        fields = {field.alias or name: field.default for name, field in cls.model_fields.items()}
        partly = {key for key, default in fields.items() if isinstance(default, Model) and isinstance(data.get(key), dict)}
        return {**data, **{key: _over(fields[key].model_dump(by_alias=True, exclude_unset=True), data[key]) for key in partly}}


def _over(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:  # Any: not yet validated
    """Merge mappings key by key."""
    both = {key for key in below.keys() & above.keys() if isinstance(below[key], dict) and isinstance(above[key], dict)}
    return {**below, **above, **{key: _over(below[key], above[key]) for key in both}}


class Unit(str):
    """Text as the user wrote it, `512MiB` or `90s`, that also knows its amount in the smallest unit."""

    amount: int

    def __new__(cls, text: str, amount: int) -> "Unit":  # noqa: D102  # the class says it
        unit = super().__new__(cls, text)
        unit.amount = amount
        return unit

    def __getnewargs__(self) -> tuple[str, int]:  # type: ignore[override]  # what copies are made of: one more than of plain text
        return str(self), self.amount


def _pattern(factors: dict[str, int]) -> str:
    return f"[1-9][0-9]*({'|'.join(factors)})"


def _text(title: str, pattern: str, example: str) -> WithJsonSchema:
    """How a value with a unit stands in the exported schema and in the reference."""
    return WithJsonSchema({"type": "string", "title": title, "pattern": f"^{pattern}$", "examples": [example]})


def _unit(text: object, what: str, factors: dict[str, int], example: str, most: int) -> Unit:
    match = re.fullmatch(_pattern(factors), text) if isinstance(text, str) else None
    if not match:
        raise ValueError(f"is no {what}: write a whole number from 1 on and its unit ({', '.join(factors)}), for example {example}")
    amount = int(match[0].removesuffix(match[1])[:15]) * factors[match[1]]  # :15: more digits are too much anyway, and Python refuses to read thousands
    largest = list(factors)[-1]
    if amount > most * factors[largest]:
        raise ValueError(f"is too much: write {most}{largest} or less")
    return Unit(match[0], amount)


def size(text: object) -> Unit:
    """Read `512MiB`; `.amount` is in bytes."""
    return text if isinstance(text, Unit) else _unit(text, "size", _SIZES, "512MiB", MOST_GIB)


def duration(text: object) -> Unit:
    """Read `90s`; `.amount` is in milliseconds."""
    return text if isinstance(text, Unit) else _unit(text, "duration", _TIMES, "90s", MOST_HOURS)


def _cpus(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(_CPUS, value) or float(value) < 0.01:
        raise ValueError('is no CPU share: write a quoted number of cores from 0.01 on, for example "0.5"')
    return str(float(value))  # the form in which the provider reads it back: "1.0", "0.5"


def _host_port(value: int) -> int:
    if not 1 <= value <= 65535:
        raise ValueError("is no port: write a whole number from 1 to 65535")
    return value


def _address(value: str) -> str:
    try:
        address = ip_address(value)
    except ValueError:
        address = None
    if address is None or "%" in value:
        raise ValueError("is no IP address: write 127.0.0.1 for this machine alone, 0.0.0.0 for every network, or one of the host's own")
    return str(address)  # the form in which the engine reads it back


def _program(words: tuple[str, ...]) -> tuple[str, ...]:
    if not words[0].strip():
        raise ValueError("begins with an empty word: write the program first, then its arguments")
    return words


def _capability(value: object) -> str:
    name = value.upper().removeprefix("CAP_") if isinstance(value, str) else ""
    if not re.fullmatch(r"[A-Z][A-Z_]+", name) or name == "ALL":
        raise ValueError("is no capability: write one name of capabilities(7), for example NET_BIND_SERVICE")
    return f"CAP_{name}"  # the form in which the provider reads it back


Size = Annotated[Unit, PlainValidator(size), PlainSerializer(str), _text("size", _pattern(_SIZES), "512MiB")]
"""Memory or disk, as `512MiB`; `.amount` is in bytes."""
Duration = Annotated[Unit, PlainValidator(duration), PlainSerializer(str), _text("duration", _pattern(_TIMES), "90s")]
"""A time, as `90s`; `.amount` is in milliseconds."""
Cpus = Annotated[str, BeforeValidator(_cpus), _text("cores", _CPUS, "0.5")]
"""Cores, as `"0.5"`."""
Whole = Annotated[int, Field(strict=True)]
"""A whole number: neither `true` nor text."""
Port = Annotated[Whole, AfterValidator(_host_port), WithJsonSchema({"type": "integer", "title": "port", "minimum": 1, "maximum": 65535})]
"""A TCP port."""
Address = Annotated[str, AfterValidator(_address)]
"""An IP address of the host."""
Name = Annotated[str, Field(pattern=NAME)]
HostName = Annotated[str, Field(pattern=r"^([A-Za-z0-9][A-Za-z0-9._-]{0,252}|\[[0-9A-Fa-f:.]+\])$")]
"""Name or address of a server; an IPv6 address in brackets."""
Variable = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
"""What a variable or a build argument may be called."""
User = Annotated[str, Field(pattern=r"^[1-9]\d*:[1-9]\d*$")]
"""Numeric `uid:gid`, never root."""
Command = Annotated[tuple[str, ...], Field(min_length=1), AfterValidator(_program)]
"""A program and its arguments; no shell is involved."""

Capability = Annotated[str, BeforeValidator(_capability)]
"""A right of root that a process without root may keep, as `NET_BIND_SERVICE`."""
Signal = Annotated[str, Field(pattern=r"^SIG[A-Z]+[0-9+]*$")]
"""A signal, as `SIGTERM`."""


def go_duration(milliseconds: int) -> str:
    """Write a duration the way Go prints it (`1m0s`, `500ms`): any other spelling is a change at the next run."""
    if milliseconds < 1000:
        return f"{milliseconds}ms" if milliseconds else "0s"
    seconds, rest = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    fraction = f".{rest:03d}".rstrip("0") if rest else ""
    head = f"{hours}h{minutes}m" if hours else f"{minutes}m" if minutes else ""
    return f"{head}{seconds}{fraction}s"
