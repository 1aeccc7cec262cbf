"""What every configuration model shares: the frozen base class and values with units."""

import re
from ipaddress import ip_address
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, PlainValidator

_SIZES = {"KiB": 1024, "MiB": 1024**2, "GiB": 1024**3}
_TIMES = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000}
NAME = r"^[a-z][a-z0-9_-]{0,39}$"
"""What a service, volume or secret may be called: it becomes a host name, a volume name and a variable's prefix."""

MOST_GIB = 1024
MOST_HOURS = 24
"""More is a slip of the keyboard, and would overflow what the engine counts in."""
MINIMUM_MEMORY = 6 * _SIZES["MiB"]
"""The engine refuses a container with less (moby, daemon/daemon_unix.go, linuxMinMemory)."""


class Model(BaseModel):
    """A frozen, closed set of plain values: an unknown key is an error, field docstrings are the reference."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, validate_default=True)


class Unit(str):
    """Text as the user wrote it, `512MiB` or `90s`, that also knows its amount in the smallest unit."""

    amount: int

    def __new__(cls, text: str, amount: int) -> "Unit":  # noqa: D102  # the class says it
        unit = super().__new__(cls, text)
        unit.amount = amount
        return unit

    def __getnewargs__(self) -> tuple[str, int]:  # type: ignore[override]  # what copies are made of: one more than of plain text
        return str(self), self.amount


def _unit(text: object, what: str, factors: dict[str, int], example: str, most: int) -> Unit:
    match = re.fullmatch(rf"([1-9][0-9]*)({'|'.join(factors)})", text) if isinstance(text, str) else None
    if not match:
        raise ValueError(f"is no {what}: write a whole number from 1 on and its unit ({', '.join(factors)}), for example {example}")
    amount = int(match[1][:15]) * factors[match[2]]  # :15: more digits are too much anyway, and Python refuses to read thousands
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
    if not isinstance(value, str) or not re.fullmatch(r"\d{1,3}(\.\d{1,2})?", value) or float(value) < 0.01:
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


Size = Annotated[Unit, PlainValidator(size, json_schema_input_type=str), PlainSerializer(str)]
"""Memory or disk, as `512MiB`; `.amount` is in bytes."""
Duration = Annotated[Unit, PlainValidator(duration, json_schema_input_type=str), PlainSerializer(str)]
"""A time, as `90s`; `.amount` is in milliseconds."""
Cpus = Annotated[str, BeforeValidator(_cpus)]
"""Cores, as `"0.5"`."""
Whole = Annotated[int, Field(strict=True)]
"""A whole number: neither `true` nor text."""
Port = Annotated[Whole, AfterValidator(_host_port)]
"""A TCP port."""
Address = Annotated[str, AfterValidator(_address)]
"""An IP address of the host."""
Name = Annotated[str, Field(pattern=NAME)]
Command = Annotated[tuple[str, ...], Field(min_length=1), AfterValidator(_program)]
"""A program and its arguments; no shell is involved."""


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
