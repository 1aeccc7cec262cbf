"""How a proxy that serves gets another configuration: as files on a volume, which it takes over by itself, and a job that ends when they serve."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_docker as docker

from components.container import ContainerSpec, Mount, Resources
from components.files import TARGET
from components.job import run_job
from components.loader import load
from components.model import Duration, Unit, duration, size
from components.scratch import Scratch, ScratchArgs
from components.stage import Role, Stage, child_of, volume_labels
from components.tools import Tools, script

WANTED = "/etc/berth"
"""Where the proxy finds the files that it should serve by."""
STATE = "/var/lib/berth"
"""Where it keeps those that it does serve by, and says so."""
SWITCH_MEMORY = size("16MiB")
PATIENCE = duration("90s")
"""How long the proxy may take to serve by new files, drain not counted."""


@dataclass(frozen=True, kw_only=True)
class SwitchArgs:
    """Whose proxy it is, and by what it should serve."""

    stage: Stage
    tools: Tools
    owner: str
    """Numeric `uid:gid` of the proxy."""
    files: Mapping[str, pulumi.Input[str]]
    """Contents by name, `nginx.conf` among them. Secret outputs stay secret."""
    version: pulumi.Output[str]
    """Of these contents: the proxy answers it when it serves by them."""


class Switch(pulumi.ComponentResource):
    """Creates the volume with the files, filled by a container that is never started, and the volume of what the proxy serves by, which outlives it.

    A change fills the same volume anew, so the proxy's container stays. Output: `wanted` and `state`, the names of the volumes; `filled` is what has filled
    the first one. `acknowledged` then creates the job that ends when the proxy serves by them.
    """

    wanted: pulumi.Output[str]
    state: pulumi.Output[str]
    filled: pulumi.Resource

    def __init__(self, name: str, args: SwitchArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("berth:index:Switch", name, None, opts)
        self._name, self._args = name, args
        stage, child = args.stage, child_of(self)
        labels = volume_labels(stage.labels("proxy", Role.FILES))
        wanted = docker.Volume(f"{name}-wanted", name=stage.volume_name(f"{name}-wanted"), labels=labels, opts=child)
        state = Scratch(f"{name}-state", ScratchArgs(stage=stage, tools=args.tools, service="proxy", owner=args.owner), opts=child)
        uid, gid = args.owner.split(":")
        files = {**args.files, "version": args.version, "sums": sums({**args.files, "version": args.version})}
        uploads = [
            docker.ContainerUploadArgs(file=f"{TARGET}/{file}", content=content, owner=uid, group=gid, permissions="0400")
            for file, content in sorted(files.items())
        ]
        mount = docker.ContainerMountArgs(type="volume", source=wanted.name, target=TARGET)
        self.filled = load(f"{name}-loader", stage, "proxy", args.tools.image, mount, uploads, opts=child)
        self.wanted, self.state = wanted.name, state.volume
        self.register_outputs({"wanted": self.wanted, "state": self.state})

    def acknowledged(self, needs: Sequence[pulumi.Resource], *, drain: Unit, grace: Unit) -> docker.Container:
        """Create the job: done when the proxy has turned to these files and whom it turned from may go. Files that it refuses fail it;
        the next one asks it to try them again.

        It starts beside the proxy, after the same `needs`, and waits for it by itself. `grace`: how long a proxy that is replaced may take to go.
        """
        args = self._args
        spec = ContainerSpec(
            image=args.tools.image,
            command=args.version.apply(lambda version: list(script("switch", version, str(-(-drain.amount // 1000))))),
            user=args.owner,
            resources=Resources(memory=SWITCH_MEMORY, cpus="0.1"),
            networks=(),
            health=None,
            mounts=(Mount(source=self.state, path=STATE),),
        )
        timeout: Duration = duration(f"{(PATIENCE.amount + drain.amount + grace.amount) // 1000}s")
        opts = child_of(self, depends_on=[*needs, self.filled])
        return run_job(self._name, spec, args.stage, service="proxy", timeout=timeout, opts=opts)


def sums(files: Mapping[str, pulumi.Input[str]]) -> pulumi.Output[str]:
    """Checksums of files, as `sha256sum -c` reads them."""
    names = sorted(files)
    contents = pulumi.Output.all(*(files[name] for name in names))
    return contents.apply(lambda texts: "".join(f"{hashlib.sha256(text.encode()).hexdigest()}  {name}\n" for name, text in zip(names, texts, strict=True)))
