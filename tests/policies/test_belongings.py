"""A bad resource for each rule about belongings and helpers, and what may be."""

import inspect
from dataclasses import replace

import pytest

from components.loader import BUSYBOX, OWN
from components.stage import Role
from components.volume import DataVolume
from policies import belongings, resource
from policies.resource import Resource
from policies.rule import Rule
from tests.policies.samples import Case, container, ids, image, job, labels, loader, network, owner, said, volume
from tests.recording import stage

BAD: list[Case] = [
    (belongings.loosened_by_name, container(labels=labels("service", allows="read_only")), "could be changed from inside"),
    (belongings.loosened_by_name, network(labels=labels("network", allows="internal")), "has a way out"),
    (belongings.loosened_by_name, volume(labels=labels("data", allows="folder")), "lies in a folder of the host"),
    (belongings.loosened_by_name, image(triggers={"berth.allows": "moving_tags"}), "may be another image tomorrow"),
    (belongings.loosened_by_name, container(labels=labels("service", allows="everything")), "is allowed everything, which no rule knows"),
    (belongings.labelled, container(labels=None), "lacks berth.application"),
    (belongings.labelled, network(labels=labels("network", instance="")), "lacks berth.instance"),
    (belongings.labelled, volume(labels=labels("data", stack="")), "lacks berth.stack"),
    (belongings.labelled, replace(volume(labels=None), component="Scratch"), "lacks berth.application"),
    (belongings.data_protected, volume(protect=False), "is not protected"),
    (belongings.data_protected, volume(protect=False, labels=None), "is not protected"),
    (belongings.data_retained, volume(retained=False), "goes with the stage"),
    (belongings.volumes_named, volume(name="db-data"), "instance id"),
    (belongings.volumes_named, volume(name=None), "instance id"),
    (belongings.volumes_named, replace(volume(labels=None), component="Scratch"), "instance id"),
    (belongings.volumes_named, volume(labels=None, name="db-data"), "instance id"),
    (belongings.loaders_never_start, loader(start=True), "is started"),
    (belongings.loaders_never_start, loader(start=None), "is started"),
    (belongings.loaders_never_start, loader(networkMode="bridge"), "has a network"),
    (belongings.loaders_never_start, loader(networksAdvanced=[{"name": "front-1"}]), "has a network"),
    (belongings.owners_only_chown, owner(entrypoints=["sh"]), "something else than chown"),
    (belongings.owners_only_chown, owner(command=["sh", "-c", "true"]), "something else than chown"),
    (belongings.owners_only_chown, owner(capabilities={"drops": ["ALL"], "adds": ["CAP_CHOWN", "CAP_FOWNER"]}), "more capabilities"),
    (belongings.owners_only_chown, owner(command=["sh", "/.berth/heal"]), "something else than chown"),
    (belongings.owners_only_chown, owner(capabilities={"drops": ["ALL"], "adds": ["CAP_CHOWN", "CAP_DAC_OVERRIDE"]}), "more capabilities"),
    (belongings.owners_only_chown, owner(networkMode="bridge"), "has a network"),
    (belongings.owners_only_chown, owner(mounts=[{"type": "bind", "source": "/", "target": "/x"}]), "more than the one volume"),
    (belongings.owners_only_chown, owner(volumes=[{"hostPath": "/srv", "containerPath": "/x"}]), "more than the one volume"),
    (belongings.jobs_end, job(mustRun=None), "must_run false"),
]
GOOD: list[tuple[Rule, Resource]] = [
    (belongings.labelled, volume(labels=None)),
    (belongings.labelled, volume(labels=[{"label": "backup", "value": "daily"}])),
    (belongings.volumes_named, volume(labels=None)),
    (belongings.data_protected, replace(volume(protect=False, labels=labels("files")), component="Files")),
    (belongings.data_retained, volume(retained=None)),
    (belongings.loaders_never_start, owner()),
    (belongings.owners_only_chown, owner()),
    (belongings.owners_only_chown, owner(command=["sh", OWN, "1:1", "/v"], capabilities={"adds": ["CAP_CHOWN", "CAP_DAC_OVERRIDE"]})),
    (belongings.jobs_end, container()),
]


@pytest.mark.parametrize(("rule", "bad", "words"), BAD, ids=ids(BAD))
def test_bad(rule: Rule, bad: Resource, words: str) -> None:
    assert words in said(rule, bad)


@pytest.mark.parametrize(("rule", "good"), GOOD, ids=[rule.name for rule, _ in GOOD])
def test_good(rule: Rule, good: Resource) -> None:
    assert said(rule, good) == ""


def test_the_words_are_those_of_the_program() -> None:
    assert {resource.LOADER, resource.JOB, resource.DATA} <= {role.value for role in Role}
    assert {resource.LABEL + key for key in belongings.LABELS} == stage().labels("web", Role.SERVICE).keys()
    assert resource.COMPONENTS + resource.DATA_VOLUME in inspect.getsource(DataVolume)
    assert belongings.INSTANCE.search(stage().volume_name("data"))
    assert belongings.BUSYBOX == BUSYBOX
    assert ["sh", OWN] in belongings.OWNS
