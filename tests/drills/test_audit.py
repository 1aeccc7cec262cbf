"""What runs, asked as docker-bench-security asks it."""

from tests.drills.bench import CHECKS, UNREACHABLE, failing, on_the_sites_own_ports
from tests.drills.figures import Drill, Figure, record
from tests.drills.stages import Site

SCORED = 29
LEAST = 21


def test_every_check_that_can_be_passed_is(site: Site) -> None:
    assert len(CHECKS) + len(UNREACHABLE) == SCORED
    running = {str(one.name): {**one.attrs, "Processes": one.top()["Processes"]} for one in site.project.containers(role="service")}
    proxy = str(site.project.one("proxy").name)
    failed = {name: failing(detail) for name, detail in running.items()}
    internal = {name: numbers for name, numbers in failed.items() if name != proxy}
    published = failing(on_the_sites_own_ports(running[proxy]))
    asked = f"the {len(CHECKS)} scored checks of docker-bench-security 1.6.0 that can be passed here ({SCORED} less {', '.join(UNREACHABLE)})"
    record(
        Figure(
            drill=Drill.AUDIT_INTERNAL,
            load=f"{asked}, of {len(internal)} containers",
            goal="25 of 25",
            measured=f"{len(CHECKS) - max(map(len, internal.values()))} of {len(CHECKS)}",
            met=not any(internal.values()),
        ),
        str(internal),
    )
    record(
        Figure(
            drill=Drill.AUDIT_PROXY,
            load="the same, of the proxy",
            goal=f"{LEAST} on 80 and 443 of every address",
            measured=f"{len(CHECKS) - len(published)} there ({', '.join(published)} fail), {len(CHECKS) - len(failed[proxy])} on the drill's own ports",
            met=len(CHECKS) - len(published) >= LEAST and not failed[proxy],
        ),
        str(failed),
    )
