"""After a failure: which containers are to blame, in their own words, and what to do."""

from collections.abc import Sequence

from rich.text import Text

from components.printable import printable
from ops.console import ERR, complain
from ops.engine import TROUBLE, Engine
from ops.objects import Container
from ops.project import Stage
from ops.services import word_of

LINES = 15
PROBE_CHARS = 600
MANY_NETWORKS = 24
"""An engine as it is installed has addresses for some thirty networks; a stage takes four."""
POOLS = "remove some (docker network prune), or give it more: default-address-pools in its daemon.json"


def culprits(containers: Sequence[Container]) -> list[Container]:
    """The containers that are not well."""
    return sorted((container for container in containers if not container.well), key=lambda container: (container.service, container.name))


def report(container: Container, logs: Sequence[str]) -> list[str]:
    """What a person needs to know about one of them."""
    what = f"{container.service} ({container.role})" if container.role != "service" else container.service
    facts = [word_of(container), f"{container.restarts} restarts"]
    if container.status == "restarting" or (container.exit_code and container.status != "exited"):
        facts.append(f"last exit code {container.exit_code}")
    if container.out_of_memory:
        facts.append("ended by the kernel for want of memory (resources.memory)")
    lines = [f"{what}: {', '.join(facts)}; container {container.name}, image {container.image[:60]}"]
    if container.error:
        lines.append(f"  could not start: {container.error}")
    if container.status == "restarting" and not container.out_of_memory:
        lines.append("  it ends by itself after each start; an app that can only start after another one names that under uses")
    if container.probe and container.health != "healthy":
        lines += ["  last health check, which ended with", *(f"    {line}" for line in container.probe[-PROBE_CHARS:].splitlines())]
    lines += [f"  last {len(logs)} lines of its log:", *(f"    {line}" for line in logs)] if logs else ["  its log is empty"]
    return lines


def explain(stage: Stage, engine: Engine, code: int, failed: Sequence[tuple[Container, Sequence[str]]] = ()) -> None:
    """Name the culprits of a failed run on standard error. `failed`: containers that are gone by now, with the last lines of their logs."""
    try:
        found = culprits(engine.objects(stage).containers)
        reports = [report(container, lines) for container, lines in failed]
        reports += [report(container, engine.last_logs(container.id, LINES)) for container in found]
    except TROUBLE:
        complain(f"failed with exit code {code}, and the Docker engine does not answer any more: start it and run this again, it goes on from here")
        return
    if not reports:
        complain(f"failed with exit code {code}. No container of stage {stage.stack} is unwell: the cause stands above. Mend it and run this again")
        if (networks := engine.network_count()) >= MANY_NETWORKS:
            complain(f"the engine has {networks} networks: if it says that no address pool is left, {POOLS}")
        return
    complain(f"failed with exit code {code}. Not well in stage {stage.stack}:")
    for lines in reports:
        ERR.print(Text("\n" + "\n".join(printable(line) for line in lines)))
    hint = f" (a whole log: berth logs -s {stage.stack} {found[0].name} -n 1000)" if found else ""
    if failed:
        ERR.print("\nPulumi says `No such container` of what has failed: berth removed it, for there was nothing left to wait for.")
    ERR.print(f"\nMend the cause{hint} and run this again: what failed is made anew.")
