"""Whose a resource is, what has to outlast it, and what berth's own helpers are allowed."""

import re

from policies.resource import LABEL, LOADER, Kind, Resource
from policies.rule import ADVICE, SERVING, Found, rule

LABELS = ("application", "project", "stack", "instance", "service", "role")
ALLOWED = {
    "folder": "lies in a folder of the host, as volumes.*.folder says: the engine does not keep it apart from others, and no other host has it",
    "internal": "has a way out for everything in it, as networks.front.internal says: egress gives one to those that need it",
    "moving_tags": "may be another image tomorrow, as images.moving_tags says: berth pin writes down what it is",
    "read_only": "could be changed from inside, as read_only says: tmpfs or a volume takes what it writes",
}
"""Fields that allow something, and what is said of it."""
BUSYBOX = "/.berth/busybox"
OWNS = (["chown"], ["sh", "/.berth/own"])
"""How an owner's command may begin: the root of a volume, or what is in it too."""
INSTANCE = re.compile(r"-[0-9a-f]{8}-")
"""An instance id in the name of a volume."""
CHOWN = frozenset({"CAP_CHOWN", "CHOWN"})
FOLDERS = frozenset({"CAP_DAC_OVERRIDE", "DAC_OVERRIDE"})


@rule(Kind.CONTAINER, Kind.NETWORK, Kind.VOLUME)
def labelled(resource: Resource) -> Found:
    """Everything carries berth's labels: repair, status and clean-up find it by them. (Not a data volume that somebody made by hand, to put data back.)"""
    missing = [LABEL + key for key in LABELS if not resource.label(key) and not resource.put_back]
    if missing:
        yield f"lacks {', '.join(missing)}: clean-up would leave it behind, and repair would not know it"


@rule(Kind.VOLUME, levels=SERVING)
def data_protected(volume: Resource) -> Found:
    """A data volume is protected: no run deletes it."""
    if volume.holds_data and not volume.protect:
        yield "holds data and is not protected: write protect among its options"


@rule(Kind.VOLUME)
def data_retained(volume: Resource) -> Found:
    """A data volume stays when the stage goes. (Pulumi does not tell a policy pack; the tests ask it of every stage that is shipped.)"""
    if volume.holds_data and volume.retained is False:
        yield "holds data and goes with the stage: write retain_on_delete among its options"


@rule(Kind.VOLUME)
def volumes_named(volume: Resource) -> Found:
    """A volume's name holds the stage's instance id: a stage made anew finds its own, and never another's. (An id, where somebody made it by hand.)"""
    name, instance = volume.text("name"), volume.label("instance")
    if not (INSTANCE.search(name) if volume.put_back else instance and instance in name):
        yield "has a name without the stage's instance id: name it with Stage.volume_name"


@rule(Kind.CONTAINER)
def loaders_never_start(container: Resource) -> Found:
    """A loader, which fills a volume, is never started and has no network. (`*-owner` has a rule of its own.)"""
    if container.label("role") != LOADER or container.is_owner:
        return
    if container.get("start") is not False:
        yield "is a loader and is started: what runs is a service or a job"
    if container.text("networkMode") != "none" or container.entries("networksAdvanced"):
        yield "is a loader and has a network: write network_mode none"


@rule(Kind.CONTAINER)
def owners_only_chown(container: Resource) -> Found:
    """`*-owner`, which gives a data volume to its user, is root with one chown, one volume, no network and the capability CHOWN alone. (And DAC_OVERRIDE
    where it gives away what is in the volume, too.)"""
    if not container.is_owner:
        return
    command = container.texts("command")
    if container.texts("entrypoints") != [BUSYBOX] or not any(command[: len(own)] == own for own in OWNS):
        yield "does something else than chown: give that to a job, which is not root"
    if not set(container.inside("capabilities").get("adds") or ()) <= (CHOWN if command[:1] == ["chown"] else CHOWN | FOLDERS):
        yield "has more capabilities than CHOWN: take them away"
    if container.text("networkMode") != "none" or container.entries("networksAdvanced"):
        yield "has a network: write network_mode none"
    if [mount.get("type") for mount in container.entries("mounts")] != ["volume"] or container.entries("volumes"):
        yield "sees more than the one volume: mount that alone"


@rule(Kind.CONTAINER)
def jobs_end(container: Resource) -> Found:
    """A job is not expected to go on running: its health says that it has ended well."""
    if container.is_job and container.get("mustRun") is not False:
        yield "is a job that has to go on running: write must_run false"


@rule(Kind.CONTAINER, Kind.IMAGE, Kind.NETWORK, Kind.VOLUME, levels=ADVICE)
def loosened_by_name(resource: Resource) -> Found:
    """What a field of the configuration allows though a rule asks against it is said: `read_only: false`, `images.moving_tags`,
    `networks.front.internal: false`, `volumes.*.folder`."""
    for field in resource.allowed:
        yield ALLOWED.get(field, f"is allowed {field}, which no rule knows: take it away")


RULES = (loosened_by_name, labelled, data_protected, data_retained, volumes_named, loaders_never_start, owners_only_chown, jobs_end)
