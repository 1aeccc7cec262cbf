"""What runs and ends: migrations, once for each release, and schedules; and what bounds them from their start on."""

import pytest

from tests.engine.conftest import Make
from tests.engine.project import Project, said_in
from tests.engine.visitor import eventually

PIDS = "for file in /sys/fs/cgroup/pids/pids.max /sys/fs/cgroup/pids.max; do [ ! -e $file ] || cat $file; done"
"""Says the limit of processes, by cgroup v1 or v2."""
APP = f"""\
format: 1
name: jobs
apps:
  web:
    image: python:3.13-slim
    port: 8000
    routes: {{ /: {{}} }}
    command: [sh, -c, "sleep 1; ({PIDS}) >/tmp/at-start; exec python -m http.server 8000 --directory /tmp"]
    migrate: [sh, -c, "sleep 1; {PIDS}"]
    env: {{ RELEASE: "1" }}
    resources: {{ pids: 77, memory: 64MiB }}
    volumes: {{ data: {{ path: /data, writers: many }} }}
workers:
  long:
    app: web
    command: [sh, -c, "sleep 95; date >>/tmp/ended"]
    schedule: {{ every: 1s }}
    stop_grace: 1s
  nightly:
    app: web
    command: [sh, -c, "[ ! -e /data/broken ] || {{ echo no such table >&2; exit 7; }}"]
    schedule: {{ every: 1s }}
"""


@pytest.fixture(scope="module")
def jobs(make_project: Make) -> Project:
    project = make_project("jobs")
    (project.root / "app.yaml").write_text(APP)
    project.berth("up")
    return project


def migration(project: Project) -> str:
    """The id of the one container that migrated."""
    (found,) = [one for one in project.containers("web", role="job") if str(one.name).startswith("web-migrate")]
    return str(found.id)


def changed(project: Project, before: str, after: str) -> None:
    """Another release, which differs in that."""
    text = (project.root / "app.yaml").read_text()
    assert before in text
    (project.root / "app.yaml").write_text(text.replace(before, after))
    project.berth("up")


def test_processes_are_limited_before_a_service_is_well_and_a_job_has_ended(jobs: Project) -> None:
    assert said_in(jobs.one("web"), "cat", "/tmp/at-start").strip() == "77"
    assert jobs.engine.containers.get(migration(jobs)).logs(stdout=True).decode().strip() == "77"
    assert {one.attrs["HostConfig"]["PidsLimit"] for one in jobs.containers("long")} == {512}


def test_a_schedule_that_fails_is_unwell_and_stays_so(jobs: Project) -> None:
    nightly, web = jobs.one("nightly"), jobs.one("web")

    def health() -> str:
        nightly.reload()
        return str(nightly.attrs["State"]["Health"]["Status"])

    assert health() == "healthy"
    said_in(web, "touch", "/data/broken")
    eventually(lambda: health() == "unhealthy")
    said = jobs.berth("up", fails=True)
    assert "probe: the last run ended with 7, failure number" in said
    assert "no such table" in said, "its last words"
    assert health() == "unhealthy"
    assert nightly.attrs["RestartCount"] == 0, "a new start would not help"
    nightly.restart(timeout=5)
    eventually(lambda: health() == "unhealthy")
    said_in(web, "rm", "/data/broken")
    eventually(lambda: health() == "healthy")


def test_a_run_may_take_longer_than_the_pause_between_two(jobs: Project) -> None:
    """Many times as long: a schedule of one second was once ended when nothing had succeeded for 62 s."""
    long = jobs.one("long")
    eventually(lambda: said_in(long, "sh", "-c", "cat /tmp/ended 2>/dev/null"))
    long.reload()
    state = long.attrs["State"]
    assert (state["Health"]["Status"], long.attrs["RestartCount"]) == ("healthy", 0)


def test_a_migration_runs_again_for_another_release_and_not_for_another_limit(jobs: Project) -> None:
    first, web = migration(jobs), jobs.one("web").id
    changed(jobs, "memory: 64MiB", "memory: 72MiB")
    assert (migration(jobs), jobs.one("web").id != web) == (first, True)
    jobs.berth("preview", "--", "--expect-no-changes")
    changed(jobs, 'RELEASE: "1"', 'RELEASE: "2"')
    assert migration(jobs) != first
    jobs.berth("preview", "--", "--expect-no-changes", "--refresh")
