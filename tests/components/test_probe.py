"""Probes: their pace, their budget, and the end of who is not well any more."""

import pytest
from pydantic import ValidationError

from components.model import duration
from components.probe import HEAL, HealthCheck, ProbeTimes, healing, health_arguments


@pytest.mark.parametrize(
    ("times", "start_interval", "interval", "dense"),
    [
        (ProbeTimes(), True, "5s", "500ms"),
        (ProbeTimes(), False, "2s", None),
        (ProbeTimes(interval=duration("1s"), start_interval=duration("250ms")), True, "1s", "250ms"),
        (ProbeTimes(interval=duration("1s"), start_interval=duration("250ms")), False, "1s", None),
    ],
    ids=["defaults", "defaults on an old engine", "explicit", "explicit on an old engine"],
)
def test_probe_pace(times: ProbeTimes, start_interval: bool, interval: str, dense: str | None) -> None:
    rendered = health_arguments(HealthCheck(test=("x",), times=times), start_interval)
    assert (rendered.interval, rendered.start_interval) == (interval, dense)


@pytest.mark.parametrize(
    ("times", "budget"),
    [
        (ProbeTimes(), 60 + 3 * (5 + 3) + 5),
        (ProbeTimes(interval=duration("2s"), timeout=duration("1s"), retries=10, start_period=duration("5m")), 300 + 10 * 3 + 5),
    ],
    ids=["defaults", "explicit"],
)
def test_the_whole_health_budget(times: ProbeTimes, budget: int) -> None:
    assert HealthCheck(test=("x",), times=times).budget_s == budget


def test_retries() -> None:
    with pytest.raises(ValidationError, match="greater than or equal to 1"):
        ProbeTimes(retries=0)


@pytest.mark.parametrize(("timeout", "bound", "engine_ms"), [("3s", "3", 5000), ("500ms", "1", 2500)])
@pytest.mark.parametrize("signal", [None, "SIGQUIT"])
def test_healing(signal: str | None, timeout: str, bound: str, engine_ms: int) -> None:
    """It bounds the probe itself, and the engine only bounds it."""
    healed = healing(HealthCheck(test=("probe", "it"), times=ProbeTimes(timeout=duration(timeout), retries=7)), signal, 9)
    assert healed.test == (*HEAL, "7", bound, signal or "SIGTERM", "9", "--", "probe", "it")
    assert (healed.times.timeout.amount, healed.times.retries) == (engine_ms, 7)


def test_only_an_applications_own_command_is_told_its_variables() -> None:
    assert HealthCheck(test=("alive",), informed=True).within(("start", "KEY", "--")).test == ("start", "KEY", "--", "alive")
    assert HealthCheck(test=("probe",)).within(("start", "KEY", "--")).test == ("probe",)
