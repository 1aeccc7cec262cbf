"""A command that runs once and has to succeed before others start."""

from dataclasses import replace

import pulumi
import pulumi_docker as docker

from components.container import ContainerSpec, arguments, limits
from components.loader import BUSYBOX
from components.model import Duration, duration, size
from components.probe import POLL_S, HealthCheck, ProbeTimes
from components.stage import Role, Stage
from components.tools import script

FOLDER = "/tmp"  # noqa: S108  # a path inside the container
DONE = f"{FOLDER}/.berth-done"
RUN_AGAIN_BY = ["image", "entrypoints", "command", "user", "envs", "mounts", "#initerror"]
"""What makes a job run again. Files and secrets are mounts: other contents are another volume."""


def run_job(name: str, spec: ContainerSpec, stage: Stage, *, service: str, timeout: Duration, opts: pulumi.ResourceOptions) -> docker.Container:
    """Run the command of `spec` in a container of its own, once for each combination of image, command, user, variables, files and volumes.

    The provider ignores exit codes, but it waits for health: the job is healthy when it has ended well, and a failed one is run again next time.
    Another limit of memory or of time is for the next run. But other labels, networks, logs or cores make it run again: the provider cannot change
    them, and makes the container anew.
    """
    command = pulumi.Output.from_input(spec.command).apply(lambda words: [*script("job"), *words])
    times = ProbeTimes(interval=duration("500ms"), retries=1000, start_period=timeout)
    there = {*spec.tmpfs, *(mount.path for mount in spec.mounts)}
    tmpfs = spec.tmpfs if FOLDER in there else {**spec.tmpfs, FOLDER: size("64MiB")}
    spec = replace(spec, command=command, restart="no", tmpfs=tmpfs, health=HealthCheck(test=(BUSYBOX, "test", "-f", DONE), times=times))
    rendered = arguments(spec, stage, service, Role.JOB) | {"wait_timeout": timeout.amount // 1000 + POLL_S, "must_run": False}
    # A new release migrates before the old one stops, whatever volumes they share: its migrations have to bear that.
    again = pulumi.ResourceOptions(delete_before_replace=False, replace_on_changes=RUN_AGAIN_BY, hooks=limits(spec.resources.pids, stage))
    return docker.Container(name, **rendered, opts=pulumi.ResourceOptions.merge(opts, again))
