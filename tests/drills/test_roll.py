"""Updates under load: a release rolls, and not one request fails, is lost or is done twice."""

import pytest

from tests.drills.figures import Drill, Figure, record, size
from tests.drills.load import load
from tests.drills.stages import CLIENTS, Site, counted

AT_LEAST = size(0, 100_000)


@pytest.mark.parametrize(("drill", "replicas", "rolls"), [(Drill.ROLL_THREE, 3, size(2, 20)), (Drill.ROLL_ONE, 1, size(1, 20))])
def test_no_request_fails_while_releases_roll(site: Site, drill: Drill, replicas: int, rolls: int) -> None:
    site.scaled(replicas)
    proxy, first = site.project.one("proxy").id, site.number
    with load(site.https, CLIENTS, seed=replicas, tls=site.authority.trusted()) as tally:
        for _ in range(rolls):
            site.release()
    ids = site.journal()
    record(
        Figure(
            drill=drill,
            load=f"{rolls} releases one after the other; {CLIENTS}, by TLS",
            goal=f"at least {AT_LEAST:,} requests, 0 failed, 0 lost, 0 doubled",
            measured=counted(tally, ids),
            met=tally.requests >= AT_LEAST and not tally.failed and tally.journal(ids) == (0, 0),
        ),
        *site.complaints()[-40:],
    )
    assert set(tally.releases) == {str(number) for number in range(first, site.number + 1)}
    assert site.project.one("proxy").id == proxy, "the proxy was never replaced"
