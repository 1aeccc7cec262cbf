"""How much a container may take, and what happens when it is unwell or has to go."""

from policies.resource import LABEL, LOADER, Kind, Resource
from policies.rule import Found, rule

PIDS = f"{LABEL}pids"
ULIMITS = {"nofile": 1_048_576, "nproc": 1_048_576}
"""What a container may be given of each; of others, anything but no limit at all."""
UNLIMITED = -1
KEPT_BY_ENGINE = frozenset({"", "json-file"})
"""Log drivers whose files grow for ever unless they are told otherwise."""
RETRIES = 5
"""Of on-failure, as CIS asks for."""


@rule(Kind.CONTAINER, cis=("5.11",))
def memory_limited(container: Resource) -> Found:
    """Memory is limited, and swap is not added to it."""
    memory = container.number("memory")
    if memory <= 0:
        yield "may take all memory of the host: write memory, in MiB"
    elif container.number("memorySwap") != memory:
        yield "may swap beyond its limit: write memory_swap, the same as memory"


@rule(Kind.CONTAINER, cis=("5.12",))
def cpu_limited(container: Resource) -> Found:
    """CPU time is limited."""
    if container.number("cpus") <= 0 and container.number("cpuQuota") <= 0:
        yield "may take every core of the host: write cpus"


@rule(Kind.CONTAINER, cis=("5.29",))
def processes_limited(container: Resource) -> Found:
    """The number of processes is limited. No resource has a property for it: the label `berth.pids` says how many, the engine is told
    when the container was made, and `berth status --audit` looks whether it was."""
    if not container.labels.get(PIDS, "").isdecimal():
        yield f"has no label {PIDS}, which says how many processes it may have"


@rule(Kind.CONTAINER, cis=("5.19",))
def ulimits_bounded(container: Resource) -> Found:
    """A ulimit that is given is a limit: never unlimited, and at most 1048576 open files or processes."""
    for limit in container.entries("ulimits"):
        name, highest = str(limit.get("name")), max(_number(limit.get("soft")), _number(limit.get("hard")))
        if UNLIMITED in (_number(limit.get("soft")), _number(limit.get("hard"))) or highest > ULIMITS.get(name, highest):
            yield f"has no bound of {name}: take the ulimit away, or write a lower one"


def _number(value: object) -> float:
    return value if isinstance(value, int | float) else 0


@rule(Kind.CONTAINER)
def logs_rotated(container: Resource) -> Found:
    """The engine keeps a bounded part of what a container writes."""
    if container.text("logDriver") in KEPT_BY_ENGINE and not {"max-size", "max-file"} <= container.inside("logOpts").keys():
        yield "may fill the disk with its output: write max-size and max-file among log_opts"


@rule(Kind.CONTAINER)
def tmpfs_bounded(container: Resource) -> Found:
    """A folder in memory has a size, and neither devices nor setuid programs in it."""
    for path, options in container.inside("tmpfs").items():
        words = str(options).split(",")
        missing = [word for word in ("nosuid", "nodev") if word not in words]
        missing += [] if any(word.startswith("size=") for word in words) else ["size"]
        if missing:
            yield f"has {path} in memory without {', '.join(missing)}: write them among its options"


@rule(Kind.CONTAINER, cis=("5.15",))
def restarts(container: Resource) -> Found:
    """A service comes back after a crash: unless-stopped, or on-failure with 5 retries at most. Never always, which starts again what somebody stopped.
    (CIS asks for on-failure; that gives up for good after seconds without memory.) What runs once is not restarted."""
    policy = container.text("restart")
    counted = policy == "on-failure" and 1 <= container.number("maxRetryCount") <= RETRIES
    if container.stays and policy != "unless-stopped" and not counted:
        yield f"has restart {policy or 'no'}: write unless-stopped"
    elif not container.stays and policy not in ("", "no"):
        yield f"runs once and has restart {policy}: write no"


@rule(Kind.CONTAINER, cis=("4.6", "5.27"))
def health_checked(container: Resource) -> Found:
    """A service or job has a health check, and the run waits for it. (Loaders have no process to check.)"""
    tests = container.inside("healthcheck").get("tests") or ()
    if container.label("role") == LOADER:
        return
    if not tests or tests[0] == "NONE":
        yield "has no health check: nobody would notice that it hangs"
    elif container.get("wait") is not True:
        yield "is not waited for: write wait, or the next service starts before it is healthy"


@rule(Kind.CONTAINER)
def stops_with_grace(container: Resource) -> Found:
    """A service is asked to stop before it is killed: without a grace the provider kills it at once."""
    if container.stays and container.number("destroyGraceSeconds") < 1:
        yield "is killed at once when it is replaced: write destroy_grace_seconds"


RULES = (
    memory_limited,
    cpu_limited,
    processes_limited,
    ulimits_bounded,
    logs_rotated,
    tmpfs_bounded,
    restarts,
    health_checked,
    stops_with_grace,
)
