"""While Pulumi is at work and no person watches its own display: a line for what is built, pulled, started and well, and for what lasts."""

import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from config.checkpoints import Entry
from ops.console import say
from ops.objects import Container
from ops.services import word_of
from ops.state import IMAGE, Deployment, resources

Key = tuple[str, str]
"""Name for people, and what tells it from another one of that name."""
FIRST_S = 3
"""What is done sooner is worth no line while it lasts."""
AGAIN_S = 20
ONGOING = frozenset({"building", "pulling", "created", "starting", "restarting", "at work"})
FETCHED = frozenset({"built", "pulled"})
SUFFIX = re.compile(r"-[0-9a-f]{7}$")
"""What the provider puts behind a name."""
WIDTH = 16


@dataclass
class _Course:
    """How one thing goes."""

    began: float
    word: str = ""
    told: float | None = None
    """After how many seconds it was last said that it lasts."""

    def step(self, word: str, now: float) -> str:
        """What to say of it, if anything."""
        if word in ONGOING:
            if self.word not in ONGOING:
                self.began, self.told = now, None
            self.word = word
            return self._lasts(now - self.began)
        changed, fetched_at_once = word != self.word, word in FETCHED and self.told is None
        self.word = word
        return f"{word}{_after(now - self.began)}" if changed and not fetched_at_once else ""

    def _lasts(self, seconds: float) -> str:
        if seconds < (FIRST_S if self.told is None else self.told + AGAIN_S):
            return ""
        self.told = seconds
        return f"{self.word}, {seconds:.0f} s"


class News:
    """Tells what is new since it was last asked. `written`: what Pulumi has written down just now, None where that cannot be read."""

    def __init__(self, written: Callable[[], Deployment | None], clock: Callable[[], float] = time.monotonic) -> None:
        self._written, self._clock = written, clock
        self._courses: dict[Key, _Course] | None = None
        self._images: dict[Key, str] = {}

    def tell(self, containers: Iterable[Container]) -> None:
        """Say it; the first time nothing, for that is what was there before."""
        deployment = self._written()
        self._images = self._images if deployment is None else images(deployment)
        words, now = self._images | steps(containers), self._clock()
        known = self._courses or {}
        courses = {key: known.get(key) or _Course(now) for key in words}
        for key, word in words.items():
            line = courses[key].step(word, now)
            if line and self._courses is not None:
                say(f"{key[0]:<{WIDTH}}{line}")
        self._courses = courses


def images(deployment: Deployment) -> dict[Key, str]:
    """What is there, and what is being built or pulled."""
    begun = [operation["resource"] for operation in deployment.get("pending_operations") or ()]
    return _images(deployment.get("resources") or (), "built", "pulled") | _images(begun, "building", "pulling")


def _images(entries: Iterable[Entry], built: str, pulled: str) -> dict[Key, str]:
    found = (one for one in resources(entries) if one.type == IMAGE)
    return {(one.name.removesuffix("-image"), str(one.inputs.get("name"))): built if one.inputs.get("build") else pulled for one in found}


def steps(containers: Iterable[Container]) -> dict[Key, str]:
    """How the containers are that people know of: services, and what runs before them."""
    return {(SUFFIX.sub("", one.name), one.id): _word(one) for one in containers if one.role in {"service", "job"}}


def _word(container: Container) -> str:
    if container.role == "job" and container.status == "running":
        return "at work"
    if container.role == "job" and container.status == "exited" and not container.exit_code:
        return "done"
    starts_anew = container.restarts and container.health == "starting"
    return "restarting" if starts_anew else word_of(container)


def _after(seconds: float) -> str:
    return f" after {seconds:.0f} s" if seconds >= 1 else ""
