"""A bad container for each rule about limits and life, and what may be."""

import pytest

from policies import limits
from policies.resource import Mark, Resource
from policies.rule import Rule
from tests.policies.samples import Case, container, ids, job, labels, loader, owner, said


def ulimit(name: str, soft: int, hard: int) -> Resource:
    return container(ulimits=[{"name": name, "soft": soft, "hard": hard}])


BAD: list[Case] = [
    (limits.memory_limited, container(memory=None), "all memory"),
    (limits.memory_limited, container(memory=0), "all memory"),
    (limits.memory_limited, job(memory=None), "all memory"),
    (limits.memory_limited, container(memorySwap=None), "memory_swap"),
    (limits.memory_limited, container(memorySwap=-1), "memory_swap"),
    (limits.memory_limited, loader(memory=None), "all memory"),
    (limits.memory_limited, owner(memory=None), "all memory"),
    (limits.cpu_limited, owner(cpus=None), "every core"),
    (limits.processes_limited, job(labels=labels("job")), "berth.pids"),
    (limits.processes_limited, owner(labels=labels("loader")), "berth.pids"),
    (limits.logs_rotated, owner(logOpts=None), "max-size and max-file"),
    (limits.cpu_limited, container(cpus=None), "every core"),
    (limits.cpu_limited, container(cpus="0"), "every core"),
    (limits.processes_limited, container(labels=labels("service")), "berth.pids"),
    (limits.processes_limited, container(labels=None), "berth.pids"),
    (limits.ulimits_bounded, ulimit("nofile", 1024, -1), "bound of nofile"),
    (limits.ulimits_bounded, ulimit("nproc", 1024, 2_000_000), "bound of nproc"),
    (limits.ulimits_bounded, ulimit("core", -1, -1), "bound of core"),
    (limits.logs_rotated, container(logOpts=None), "max-size and max-file"),
    (limits.logs_rotated, container(logOpts={"max-size": "10m"}), "max-size and max-file"),
    (limits.logs_rotated, job(logDriver=None, logOpts=None), "max-size and max-file"),
    (limits.tmpfs_bounded, container(tmpfs={"/tmp": "rw,nosuid,nodev"}), "without size"),
    (limits.tmpfs_bounded, container(tmpfs={"/tmp": ""}), "without nosuid, nodev, size"),
    (limits.restarts, container(restart=None), "restart no"),
    (limits.restarts, container(restart="always"), "restart always"),
    (limits.restarts, container(restart="on-failure"), "restart on-failure"),
    (limits.restarts, job(restart="unless-stopped"), "runs once"),
    (limits.restarts, loader(restart="always"), "runs once"),
    (limits.health_checked, container(healthcheck=None), "no health check"),
    (limits.health_checked, container(healthcheck={"tests": ["NONE"]}), "no health check"),
    (limits.health_checked, job(wait=None), "is not waited for"),
    (limits.stops_with_grace, container(destroyGraceSeconds=None), "killed at once"),
]
GOOD: list[tuple[Rule, Resource]] = [
    (limits.memory_limited, loader()),
    (limits.memory_limited, owner()),
    (limits.memory_limited, container(memory=Mark.UNKNOWN)),
    (limits.cpu_limited, container(cpus=None, cpuQuota=50_000)),
    (limits.processes_limited, job()),
    (limits.ulimits_bounded, ulimit("nofile", 1024, 65536)),
    (limits.ulimits_bounded, ulimit("memlock", 67_108_864, 67_108_864)),
    (limits.logs_rotated, container(logDriver="journald", logOpts=None)),
    (limits.logs_rotated, loader()),
    (limits.restarts, container(restart="on-failure", maxRetryCount=5)),
    (limits.restarts, loader(restart=None)),
    (limits.health_checked, owner()),
    (limits.stops_with_grace, job(destroyGraceSeconds=None)),
]


@pytest.mark.parametrize(("rule", "bad", "words"), BAD, ids=ids(BAD))
def test_bad(rule: Rule, bad: Resource, words: str) -> None:
    assert words in said(rule, bad)


@pytest.mark.parametrize(("rule", "good"), GOOD, ids=[rule.name for rule, _ in GOOD])
def test_good(rule: Rule, good: Resource) -> None:
    assert said(rule, good) == ""
