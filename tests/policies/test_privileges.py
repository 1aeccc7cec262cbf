"""A bad container for each rule about privileges, and what may be."""

import pytest

from policies import privileges
from policies.resource import Mark, Resource
from policies.rule import Rule
from tests.policies.samples import Case, container, ids, labels, loader, owner, said

BAD: list[Case] = [
    (privileges.not_privileged, container(privileged=True), "take that away"),
    (privileges.capabilities_dropped, container(capabilities=None), "drop ALL"),
    (privileges.capabilities_dropped, container(capabilities={"drops": ["CAP_NET_RAW"]}), "drop ALL"),
    (privileges.capabilities_dropped, owner(capabilities={"adds": ["CAP_CHOWN"]}), "drop ALL"),
    (privileges.capabilities_harmless, container(capabilities={"drops": ["ALL"], "adds": ["CAP_SYS_ADMIN", "NET_RAW"]}), "has CAP_SYS_ADMIN, NET_RAW,"),
    (privileges.capabilities_harmless, container(capabilities={"adds": ["ALL"]}), "has ALL,"),
    (privileges.no_new_privileges, container(securityOpts=None), "no-new-privileges:true"),
    (privileges.no_new_privileges, container(securityOpts=["no-new-privileges:false"]), "no-new-privileges:true"),
    (privileges.not_root, container(user=None), "runs as root"),
    (privileges.not_root, container(user="0:0"), "runs as root"),
    (privileges.not_root, container(user="root"), "runs as root"),
    (privileges.not_root, container(user="app"), "runs as 'app'"),
    (privileges.not_root, loader(start=True), "runs as root"),
    (privileges.not_of_the_group_root, container(user="10001:0"), "group 0"),
    (privileges.not_of_the_group_root, container(groupAdds=["docker"]), "group docker"),
    (privileges.seccomp_on, container(securityOpts=["seccomp=unconfined"]), "seccomp"),
    (privileges.seccomp_on, container(securityOpts=["seccomp:unconfined"]), "seccomp"),
    (privileges.apparmor_on, container(securityOpts=["apparmor=unconfined"]), "AppArmor"),
    (privileges.selinux_on, container(securityOpts=["label:disable"]), "SELinux"),
    (privileges.system_paths_masked, container(securityOpts=["systempaths=unconfined"]), "/proc and /sys"),
    (privileges.files_read_only, container("Postgres", readOnly=False), "write read_only"),
    (privileges.files_read_only, owner(readOnly=None), "write read_only"),
    (privileges.app_files_read_only, container("App", readOnly=False), "leave read_only on"),
    (privileges.app_files_read_only, container("Mono", readOnly=None), "leave read_only on"),
    (privileges.app_files_read_only, container("App", readOnly=False, labels=labels("service", allows="folder")), "leave read_only on"),
    (privileges.files_read_only, container("Postgres", readOnly=False, labels=labels("service", allows="read_only")), "write read_only"),
]
GOOD: list[tuple[Rule, Resource]] = [
    (privileges.capabilities_harmless, container(capabilities={"drops": ["ALL"], "adds": ["CAP_NET_BIND_SERVICE"]})),
    (privileges.capabilities_dropped, loader()),
    (privileges.no_new_privileges, container(securityOpts=["no-new-privileges"])),
    (privileges.not_root, container(user="1000")),
    (privileges.not_root, owner()),
    (privileges.not_of_the_group_root, owner()),
    (privileges.not_root, container(user=Mark.UNKNOWN)),
    (privileges.files_read_only, container("App", readOnly=False)),
    (privileges.app_files_read_only, container("Postgres", readOnly=False)),
    (privileges.app_files_read_only, container("App", readOnly=False, labels=labels("service", allows="folder,read_only"))),
]


@pytest.mark.parametrize(("rule", "bad", "words"), BAD, ids=ids(BAD))
def test_bad(rule: Rule, bad: Resource, words: str) -> None:
    assert words in said(rule, bad)


@pytest.mark.parametrize(("rule", "good"), GOOD, ids=[rule.name for rule, _ in GOOD])
def test_good(rule: Rule, good: Resource) -> None:
    assert said(rule, good) == ""


def test_every_capability_that_is_harmless_is_one_of_dockers_own() -> None:
    assert not {"NET_RAW", "MKNOD", "SYS_CHROOT", "SYS_ADMIN", "NET_ADMIN", "SYS_PTRACE", "DAC_READ_SEARCH", "SYS_MODULE", "BPF"} & privileges.HARMLESS
