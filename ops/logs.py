"""`berth logs`: what the services of a stage write, line by line, each with the name of its container."""

import json
import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from rich.text import Text

from components.printable import printable
from ops.console import OUT, Stop
from ops.engine import Engine
from ops.objects import Container
from ops.project import Stage

COLOURS = ("cyan", "green", "yellow", "magenta", "blue", "bright_cyan", "bright_green", "bright_magenta")
LOOK_S = 1.0
"""How often a follower looks for containers that are new."""


@dataclass(frozen=True, order=True)
class Line:
    """One line of a log."""

    time: str
    """As the engine writes it: RFC 3339, in nanoseconds, so that text sorts as time does."""
    container: str
    service: str
    text: str


def chosen(containers: Sequence[Container], names: Sequence[str]) -> list[Container]:
    """Containers of these services, or with these names; of all where nothing is named. Refused: a name that nothing has."""
    known = sorted({container.service for container in containers})
    for name in names:
        if not any(name in (container.service, container.name) for container in containers):
            raise Stop(f"no container of {name!r} is there. Services of this stage: {', '.join(known) or 'none, it is not up'}")
    wanted = [container for container in containers if not names or {container.service, container.name} & {*names}]
    return [container for container in wanted if container.role in {"service", "job"}]


def read(container: Container, lines: Iterable[bytes]) -> Iterator[Line]:
    """Take lines apart as the engine gives them, time first."""
    for raw in lines:
        stamp, _, text = raw.decode(errors="replace").rstrip("\n").partition(" ")
        yield Line(time=stamp, container=container.name, service=container.service, text=text)


def show(stage: Stage, engine: Engine, names: Sequence[str], *, lines: int, follow: bool, as_json: bool) -> None:
    """Print the last lines of each, in the order of time; following, what comes after them, new containers too, until Ctrl-C."""
    there = chosen(engine.objects(stage).containers, names)
    write = _as_json if as_json else _printer([container.name for container in there])
    for line in sorted(line for container in there for line in read(container, engine.log_lines(container.id, lines))):
        write(line)
    if follow:
        _follow(engine, lambda: chosen(engine.objects(stage).containers, []), names, write, {container.id for container in there})


def _follow(engine: Engine, look: Callable[[], list[Container]], names: Sequence[str], write: Callable[[Line], None], known: set[str]) -> None:
    lines: queue.Queue[Line] = queue.Queue()

    def listen(container: Container, since: float | None) -> None:
        for line in read(container, engine.follow(container.id, since)):
            lines.put(line)

    listening: set[str] = set()
    began = time.time()
    while True:
        for container in look():
            if container.id not in listening and (not names or {container.service, container.name} & {*names}):
                listening.add(container.id)
                threading.Thread(target=listen, args=(container, began if container.id in known else None), daemon=True).start()
        until = time.monotonic() + LOOK_S
        while (left := until - time.monotonic()) > 0:
            try:
                write(lines.get(timeout=left))
            except queue.Empty:
                break


def _as_json(line: Line) -> None:
    OUT.print(json.dumps({"time": line.time, "service": line.service, "container": line.container, "text": line.text}, ensure_ascii=False))


def _printer(names: Sequence[str]) -> Callable[[Line], None]:
    width = max(map(len, names), default=0)

    def write(line: Line) -> None:
        colour = COLOURS[sum(line.container.encode()) % len(COLOURS)]
        OUT.print(Text.assemble((f"{line.container.ljust(width)} | ", colour), printable(line.text)))

    return write
