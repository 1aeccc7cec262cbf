"""Values with units, and the normal forms in which the engine gives them back."""

import pickle
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, TypeAdapter, ValidationError

from components.model import NAME, Address, Command, Cpus, Duration, Model, Name, Port, Size, Whole, duration, go_duration, size

FACTORS = {"h": 3_600_000, "m": 60_000, "s": 1000, "ms": 1}


class Sample(Model):
    memory: Size = size("512MiB")
    patience: Duration = duration("90s")
    cpus: Cpus = "0.5"
    port: Port = 80
    name: Name = "db"


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [
        (0, "0s"),
        (1, "1ms"),
        (500, "500ms"),
        (999, "999ms"),
        (1000, "1s"),
        (1500, "1.5s"),
        (1050, "1.05s"),
        (59_999, "59.999s"),
        (60_000, "1m0s"),
        (90_000, "1m30s"),
        (90_500, "1m30.5s"),
        (600_000, "10m0s"),
        (3_600_000, "1h0m0s"),
        (3_661_001, "1h1m1.001s"),
        (90_000_000, "25h0m0s"),
    ],
)
def test_go_duration(milliseconds: int, text: str) -> None:
    assert go_duration(milliseconds) == text


@given(st.integers(0, 10**10))
def test_go_duration_loses_nothing(milliseconds: int) -> None:
    parts = re.findall(r"([\d.]+)(h|ms|m|s)", go_duration(milliseconds))
    assert "".join(number + unit for number, unit in parts) == go_duration(milliseconds)
    assert sum(round(float(number) * FACTORS[unit]) for number, unit in parts) == milliseconds


@pytest.mark.parametrize(("text", "amount"), [("1KiB", 1024), ("512MiB", 512 * 1024**2), ("2GiB", 2 * 1024**3)])
def test_size(text: str, amount: int) -> None:
    assert (size(text), size(text).amount) == (text, amount)
    assert size(size(text)).amount == amount


@pytest.mark.parametrize(("text", "amount"), [("250ms", 250), ("90s", 90_000), ("5m", 300_000), ("1h", 3_600_000)])
def test_duration(text: str, amount: int) -> None:
    assert (duration(text), duration(text).amount) == (text, amount)


@pytest.mark.parametrize("value", [512, "512", "512MB", "512 MiB", "0.5GiB", "-1MiB", "0MiB", "", "512MiB\n", None, ["1MiB"]])
def test_a_size_without_its_unit_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=re.escape("is no size: write a whole number from 1 on and its unit (KiB, MiB, GiB), for example 512MiB")):
        size(value)


@pytest.mark.parametrize("value", [90, "90", "90 s", "1m30s", "0s", "1d"])
def test_a_duration_without_its_unit_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=re.escape("is no duration: write a whole number from 1 on and its unit (ms, s, m, h), for example 90s")):
        duration(value)


@pytest.mark.parametrize("text", ["1024GiB", "1048576MiB", "1073741824KiB"])
def test_the_largest_size(text: str) -> None:
    assert size(text).amount == 1024**4


@pytest.mark.parametrize("text", ["1025GiB", "1073741825KiB", f"{10**15}KiB", f"{'9' * 5000}GiB"])
def test_too_large_a_size(text: str) -> None:
    with pytest.raises(ValueError, match=r"^is too much: write 1024GiB or less$"):
        size(text)


@pytest.mark.parametrize("text", ["8784h", "527040m", "31622400s", "31622400000ms"])
def test_the_longest_duration(text: str) -> None:
    assert duration(text).amount == 31_622_400_000


@pytest.mark.parametrize("text", ["8785h", "31622400001ms", f"{'9' * 5000}ms"])
def test_too_long_a_duration(text: str) -> None:
    with pytest.raises(ValueError, match=r"^is too much: write 8784h or less$"):
        duration(text)


@pytest.mark.parametrize(
    ("address", "read_back"), [("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "0.0.0.0"), ("::1", "::1"), ("0:0::1", "::1"), ("FE80::A", "fe80::a")]
)
def test_addresses_take_the_form_that_the_engine_reads_back(address: str, read_back: str) -> None:
    assert TypeAdapter(Address).validate_python(address) == read_back


@pytest.mark.parametrize("address", ["", "localhost", "127.0.0", "127.0.0.1:80", "10.0.0.0/8", "fe80::1%eth0", " ::1", "010.0.0.1"])
def test_what_is_no_address(address: str) -> None:
    with pytest.raises(ValidationError, match=r"is no IP address: write 127.0.0.1 for this machine alone, 0.0.0.0 for every network"):
        TypeAdapter(Address).validate_python(address)


@pytest.mark.parametrize("value", [True, "1", 1.0, None])
def test_a_whole_number_is_nothing_else(value: object) -> None:
    with pytest.raises(ValidationError, match="valid integer"):
        TypeAdapter(Whole).validate_python(value)


@pytest.mark.parametrize("words", [["true"], ["sh", "-c", ""], ["a b"]])
def test_commands(words: list[str]) -> None:
    assert TypeAdapter(Command).validate_python(words) == tuple(words)


@pytest.mark.parametrize("words", [[""], [" ", "x"], ["\t"]])
def test_a_command_without_a_program(words: list[str]) -> None:
    with pytest.raises(ValidationError, match="begins with an empty word"):
        TypeAdapter(Command).validate_python(words)


@pytest.mark.parametrize(("written", "read_back"), [("1", "1.0"), ("1.0", "1.0"), ("0.50", "0.5"), ("0.25", "0.25"), ("0.01", "0.01"), ("16", "16.0")])
def test_cpus_take_the_form_that_the_provider_reads_back(written: str, read_back: str) -> None:
    assert Sample(cpus=written).cpus == read_back


@pytest.mark.parametrize("value", [1, 0.5, "0", "0.001", "half", "-1", "1e1", ""])
def test_cpus_that_are_none(value: object) -> None:
    with pytest.raises(ValidationError, match=r'is no CPU share: write a quoted number of cores from 0.01 on, for example "0.5"'):
        Sample.model_validate({"cpus": value})


@pytest.mark.parametrize("port", [1, 80, 65535])
def test_ports(port: int) -> None:
    assert Sample(port=port).port == port


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_ports_outside_the_range(port: int) -> None:
    with pytest.raises(ValidationError, match="is no port: write a whole number from 1 to 65535"):
        Sample(port=port)


@pytest.mark.parametrize("port", ["80", 80.0, True])
def test_a_port_is_a_number(port: object) -> None:
    with pytest.raises(ValidationError, match="valid integer"):
        Sample.model_validate({"port": port})


@pytest.mark.parametrize("name", ["a", "db", "my-db", "db_2", "a" * 40])
def test_names(name: str) -> None:
    assert re.match(NAME, Sample(name=name).name)


@pytest.mark.parametrize("name", ["", "Db", "2db", "-db", "d b", "a" * 41, "ü", "db\n", "a/b", "${x}"])
def test_names_that_become_no_host(name: str) -> None:
    with pytest.raises(ValidationError, match="should match pattern"):
        Sample(name=name)


def test_models_are_frozen_and_closed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Sample().name = "other"  # type: ignore[misc]
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        Sample.model_validate({"nmae": "db"})


def test_units_can_be_copied() -> None:
    copy = Sample().model_copy(deep=True)
    assert (copy.memory, copy.memory.amount) == ("512MiB", 512 * 1024**2)
    assert pickle.loads(pickle.dumps(copy.patience)).amount == 90_000


def test_units_are_written_as_they_were_read() -> None:
    assert Sample().model_dump_json() == '{"memory":"512MiB","patience":"90s","cpus":"0.5","port":80,"name":"db"}'


class Limits(Model):
    memory: str = "small"
    cpus: str = "one"


class Service(Model):
    limits: Limits = Limits(memory="large", cpus="two")
    other: Limits = Field(default=Limits(cpus="three"), alias="else")


@pytest.mark.parametrize(
    ("data", "limits", "other"),
    [
        ({}, ("large", "two"), ("small", "three")),
        ({"limits": {}, "else": {}}, ("large", "two"), ("small", "three")),
        ({"limits": {"memory": "huge"}}, ("huge", "two"), ("small", "three")),
        ({"else": {"memory": "huge"}}, ("large", "two"), ("huge", "three")),
        ({"limits": {"memory": "a", "cpus": "b"}}, ("a", "b"), ("small", "three")),
        ({"limits": Limits(memory="given")}, ("given", "one"), ("small", "three")),
    ],
)
def test_a_section_in_part_goes_over_the_default_of_its_field(data: dict[str, Any], limits: tuple[str, str], other: tuple[str, str]) -> None:
    service = Service.model_validate(data)
    assert (service.limits.memory, service.limits.cpus, service.other.memory, service.other.cpus) == (*limits, *other)


def test_what_is_no_section_is_refused_as_ever() -> None:
    with pytest.raises(ValidationError, match="valid dictionary or instance of Limits"):
        Service.model_validate({"limits": 7})
    with pytest.raises(ValidationError, match="Extra inputs"):
        Service.model_validate({"limits": {"memori": "x"}})
