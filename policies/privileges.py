"""What a process in a container may do: as whom it runs, with which rights of root, and how the kernel confines it."""

from policies.resource import Kind, Resource
from policies.rule import Found, rule

HARMLESS = frozenset({"AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "NET_BIND_SERVICE", "SETFCAP", "SETGID", "SETPCAP", "SETUID"})
"""Capabilities that reach no further than the container: Docker's own set without NET_RAW, MKNOD and SYS_CHROOT."""
LOOSENED = frozenset({"App", "Worker", "Mono"})
"""Components whose files may be writable, by the key `read_only`."""
ROOT = frozenset({"0", "root"})


@rule(Kind.CONTAINER, cis=("5.5",))
def not_privileged(container: Resource) -> Found:
    """No container is privileged."""
    if container.get("privileged"):
        yield "is privileged, and could do whatever the host can: take that away, and add the capabilities that it needs by name"


@rule(Kind.CONTAINER, cis=("5.4",))
def capabilities_dropped(container: Resource) -> Found:
    """All capabilities are dropped. (A loader is never started and has no process.)"""
    dropped = container.inside("capabilities").get("drops") or ()
    if not container.is_loader and "ALL" not in dropped:
        yield "keeps the engine's usual capabilities: drop ALL, and add back by name what it cannot do without"


@rule(Kind.CONTAINER, cis=("5.4",))
def capabilities_harmless(container: Resource) -> Found:
    """No capability is added that reaches beyond the container: only those of Docker's own set without NET_RAW, MKNOD and SYS_CHROOT."""
    added = container.inside("capabilities").get("adds") or ()
    odd = sorted(name for name in added if isinstance(name, str) and name.removeprefix("CAP_") not in HARMLESS)
    if odd:
        yield f"has {', '.join(odd)}, which reach beyond the container: take them away. Allowed: {', '.join(sorted(HARMLESS))}"


@rule(Kind.CONTAINER, cis=("5.26",))
def no_new_privileges(container: Resource) -> Found:
    """No process can gain rights, by setuid programs for example. (A loader is never started.)"""
    if not container.is_loader and not {"no-new-privileges", "no-new-privileges=true"} & set(container.options):
        yield "lets its processes gain rights: write no-new-privileges:true among security_opts"


@rule(Kind.CONTAINER, cis=("4.1",))
def not_root(container: Resource) -> Found:
    """Every process runs as a numeric user that is not root. (A loader is never started; `*-owner`, which gives a volume to its user, has to be root.)"""
    user = container.text("user").split(":")[0]
    if container.is_loader or container.is_owner:
        return
    if not user or user in ROOT:
        yield "runs as root: give it a numeric user"
    elif not user.isdecimal():
        yield f"runs as {user!r}, and what that is the image says: give it a numeric user"


@rule(Kind.CONTAINER, cis=("4.1",))
def not_of_the_group_root(container: Resource) -> Found:
    """No process is in the group of root or of Docker, unless it is root."""
    user, _, group = container.text("user").partition(":")
    groups = {group, *container.texts("groupAdds")} & {*ROOT, "docker"}
    if groups and user not in ROOT:
        yield f"is in the group {', '.join(sorted(groups))}, which may read what is root's: give it a group of its own"


@rule(Kind.CONTAINER, cis=("5.22",))
def seccomp_on(container: Resource) -> Found:
    """System calls are filtered: the profile for seccomp is not turned off."""
    if "seccomp=unconfined" in container.options:
        yield "may make every system call: take seccomp=unconfined away, or name a profile"


@rule(Kind.CONTAINER, cis=("5.2",))
def apparmor_on(container: Resource) -> Found:
    """AppArmor confines it where the host has it: its profile is not turned off."""
    if "apparmor=unconfined" in container.options:
        yield "is not confined by AppArmor: take apparmor=unconfined away"


@rule(Kind.CONTAINER, cis=("5.3",))
def selinux_on(container: Resource) -> Found:
    """SELinux confines it where the host has it: its label is not turned off."""
    if "label=disable" in container.options:
        yield "is not confined by SELinux: take label=disable away"


@rule(Kind.CONTAINER)
def system_paths_masked(container: Resource) -> Found:
    """What the engine hides of /proc and /sys stays hidden."""
    if "systempaths=unconfined" in container.options:
        yield "sees all of /proc and /sys: take systempaths=unconfined away"


@rule(Kind.CONTAINER, cis=("5.13",))
def files_read_only(container: Resource) -> Found:
    """The image's files are read-only. (A loader is never started; apps have a rule of their own.)"""
    if not container.is_loader and container.component not in LOOSENED and container.get("readOnly") is not True:
        yield "could be changed from inside: write read_only, and tmpfs or a volume for what it writes"


@rule(Kind.CONTAINER, cis=("5.13",))
def app_files_read_only(container: Resource) -> Found:
    """The image's files are read-only in apps, workers and mono too, unless `read_only: false` allows it."""
    if container.component in LOOSENED and "read_only" not in container.allowed and container.get("readOnly") is not True:
        yield "could be changed from inside: leave read_only on, and give it tmpfs or a volume for what it writes"


RULES = (
    not_privileged,
    capabilities_dropped,
    capabilities_harmless,
    no_new_privileges,
    not_root,
    not_of_the_group_root,
    seccomp_on,
    apparmor_on,
    selinux_on,
    system_paths_masked,
    files_read_only,
    app_files_read_only,
)
