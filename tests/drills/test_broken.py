"""A release that is broken: `up` fails and says why, and what ran before serves every request."""

from tests.drills.figures import Drill, Figure, record, size
from tests.drills.load import load
from tests.drills.stages import CLIENTS, Site, counted

EXITS = "\nraise SystemExit('the drill broke this release')\n"
NEVER_WELL = "\napp = Starlette()  # every path is 404\n"


def test_a_broken_release_costs_no_request(site: Site) -> None:
    site.scaled(3)
    first = site.number
    with load(site.https, CLIENTS, seed=4, tls=site.authority.trusted()) as tally:
        said = [site.release(broken=broken) for broken in size([EXITS], [EXITS, NEVER_WELL])]
        site.release()
    assert "the drill broke this release" in said[0]
    ids = site.journal()
    record(
        Figure(
            drill=Drill.BROKEN_IMAGE,
            load=f"{'a release that exits' if len(said) == 1 else 'one release that exits, one that is never healthy'}, then one that is mended; {CLIENTS}, by TLS",
            goal="`up` fails with the last words; 0 requests failed, lost or doubled, none answered by a broken release",
            measured=f"`up` failed {len(said)} of {len(said)} times; {counted(tally, ids)}",
            met=not tally.failed and tally.journal(ids) == (0, 0),
        ),
        *site.complaints()[-40:],
    )
    assert set(tally.releases) == {str(first), str(site.number)}
