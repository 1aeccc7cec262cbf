"""Who is to blame for a failure, and what is said about them."""

import pytest

from ops.culprits import culprits, report
from ops.objects import Container
from tests.ops.samples import container


@pytest.mark.parametrize(
    "suspect",
    [
        container("1", health="unhealthy"),
        container("1", health="starting"),
        container("1", Status="restarting"),
        container("1", Status="exited", ExitCode=0),
        container("1", role="job", Status="exited", ExitCode=7),
        container("1", role="job", health="starting"),
        container("1", role="loader", Status="created", Error="no such file"),
    ],
)
def test_culprits(suspect: Container) -> None:
    assert culprits([suspect]) == [suspect]


@pytest.mark.parametrize(
    "innocent",
    [
        container("1"),
        container("1", health=None),
        container("1", role="job", Status="exited", health="unhealthy"),
        container("1", role="loader", Status="created", health=None),
    ],
)
def test_innocents(innocent: Container) -> None:
    assert culprits([innocent]) == []


def test_report() -> None:
    probes = [{"ExitCode": 0, "Output": "ok"}, {"ExitCode": 1, "Output": "connection refused\nport 8000\n"}]
    suspect = container("1", health="unhealthy", restarts=3, ExitCode=137, probes=probes)
    assert report(suspect, ["boot", "KeyError: 'SITE'"]) == [
        "web: unhealthy, 3 restarts, last exit code 137; container web-1, image demo-web:0123456789ab",
        "  last health check, which ended with",
        "    exit code 1: connection refused",
        "    port 8000",
        "  last 2 lines of its log:",
        "    boot",
        "    KeyError: 'SITE'",
    ]


def test_report_of_a_container_that_never_ran() -> None:
    suspect = container("1", role="job", service="web", name="web-migrate", Status="created", ExitCode=127, Error="exec: not found", health=None, probes=[])
    assert report(suspect, []) == [
        "web (job): created, 0 restarts, last exit code 127; container web-migrate, image demo-web:0123456789ab",
        "  could not start: exec: not found",
        "  its log is empty",
    ]
