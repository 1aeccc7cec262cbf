"""A stage of its own for a test: a folder outside the tree, ports that are free, and everything gone afterwards."""

import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import zlib
from contextlib import suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import docker
import httpx
import psutil
from docker.models.containers import Container
from ruamel.yaml import YAML

CHECKOUT = Path(__file__).parents[2]
BERTH = Path(sys.executable).with_name("berth")
WORKER, WORKERS = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]), int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
OWN_PORTS = range(20000 + WORKER, 32768, WORKERS)
PORTS = iter(random.sample(OWN_PORTS, len(OWN_PORTS)))
"""Ports that are only for this process of all that run tests together, each once: between the choice and its use there may be minutes."""
PASSPHRASE = {"PULUMI_CONFIG_PASSPHRASE": "of this test"}


def exec_in(container: Container, *command: str, user: str = "", **environment: str) -> tuple[int, bytes]:
    """Exit code of a command inside a container, and what it says.

    `exec_run` reads beneath the buffer that took the head of the engine's answer, and loses what came together with it, now and then, when this process is
    late (docker/docker-py#3332). So this asks for no connection of its own, and reads an answer like any other.
    """
    assert container.client
    api: Any = container.client.api  # Any: the stubs leave out what is private
    made = api.exec_create(container.id, list(command), user=user, environment=environment)["Id"]
    answer = api._post_json(api._url("/exec/{0}/start", made), data={"Detach": False, "Tty": False}, timeout=None)
    said = b"".join(api._multiplexed_buffer_helper(answer))
    return int(api.exec_inspect(made)["ExitCode"]), said


def said_in(container: Container, *command: str) -> str:
    """What a command says inside a container."""
    return exec_in(container, *command)[1].decode()


def save(file: Path, text: str) -> None:
    """Write a file as editors do, at once: a server that watches it would be told of an empty one first, and may show that one."""
    made = file.with_name(f"{file.name}~")
    made.write_text(text)
    shutil.copymode(file, made)
    made.replace(file)


def runs_as(folder: Path) -> str:
    """User and group of an app in dev whose sources are in a folder: the owner's, unless that is root."""
    found = folder.stat()
    return f"{found.st_uid}:{found.st_gid or found.st_uid}" if found.st_uid else "10001:10001"


def hang(container: Container) -> None:
    """Stop what runs in a container, as a debugger would, from the host."""
    main = psutil.Process(int(container.attrs["State"]["Pid"]))
    for process in main.children(recursive=True):
        with suppress(psutil.NoSuchProcess):  # one that has just done its work
            process.send_signal(signal.SIGSTOP)


def restarted(container: Container) -> bool:
    """Whether the engine has started a container again, and it is well."""
    container.reload()
    return bool(container.attrs["RestartCount"] and container.attrs["State"]["Health"]["Status"] == "healthy")


def free_port() -> int:
    """A port of 127.0.0.1 that nobody has right now, below those that the kernel takes for connections while a stage is being brought up."""
    for port in PORTS:
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no port of this machine is free")


def shipped(stack: str) -> dict[str, Any]:
    """What the checkout's own stage file says, as sections."""
    config = YAML(typ="safe").load(CHECKOUT / f"Pulumi.{stack}.yaml")["config"]
    return {key.removeprefix("berth:"): value for key, value in config.items()} | {"application": str(CHECKOUT / "demo" / "app.yaml")}


@dataclass
class Project:
    """One application's folder, as a user would have it beside a checkout of berth."""

    root: Path
    name: str
    application: str = "app.yaml"
    stack: str = "dev"
    environment: dict[str, str] = field(default_factory=dict)
    stage: dict[str, Any] = field(default_factory=dict)
    engine: docker.DockerClient = field(default_factory=docker.from_env)

    def __post_init__(self) -> None:
        self.http, self.mail_ui = free_port(), free_port()
        self.root.mkdir(parents=True, exist_ok=True)
        subprocess.run(["git", "init", "-q", str(self.root)], check=True)
        runtime = {"name": "python", "options": {"toolchain": "pip", "virtualenv": str(CHECKOUT / ".venv")}}
        self._write("Pulumi.yaml", {"name": self.name, "runtime": runtime, "main": str(CHECKOUT), "backend": {"url": "file://."}})
        self.configure()

    def configure(self, **changes: Any) -> None:
        """Write the stage file."""
        self.stage |= changes
        ports: dict[str, Any] = {}
        if self.application != "app.yaml" or "mail" in self.stage:
            ports["mail"] = {"mailhog": {"ui_port": self.mail_ui}}
        values = {"topology": "dev", "application": self.application} | ports | self.stage
        values["proxy"] = {"ports": {"http": self.http}} | values.get("proxy", {})
        self._write(f"Pulumi.{self.stack}.yaml", {"config": {f"berth:{key}": value for key, value in values.items()}})

    def _write(self, name: str, data: dict[str, Any]) -> None:
        with (self.root / name).open("w") as file:
            YAML(typ="safe").dump(data, file)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http}"

    @property
    def mail_url(self) -> str:
        return f"http://127.0.0.1:{self.mail_ui}"

    def caught(self, address: str) -> list[EmailMessage]:
        """What Mailhog has for an address, the oldest first."""
        found = httpx.get(f"{self.mail_url}/api/v2/search", params={"kind": "to", "query": address}).json()["items"]
        return [message_from_bytes(one["Raw"]["Data"].encode(), policy=policy.default) for one in reversed(found)]

    @property
    def instance(self) -> str:
        """Of a dev stage, as berth keeps it; a prod stage is given its own before it is first up."""
        if self.stack != "dev":
            return f"a{zlib.crc32(str(self.root).encode()) % 16**7:07x}"  # a letter first: no YAML takes it for a number
        return str(json.loads((self.root / ".berth" / "dev.json").read_text())["instance"])

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        """Start berth in a process group of its own."""
        command, *others = arguments
        return subprocess.Popen(
            [str(BERTH), command, *([] if "-s" in others else ["-s", self.stack]), *others],
            cwd=self.root,
            env={**os.environ, **self.environment, **environment},
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def berth(self, *arguments: str, fails: bool = False, **environment: str) -> str:
        """Run berth and return what it says; one that fails ends with 1, whatever the reason."""
        process = self.start(*arguments, **environment)
        said = process.communicate(timeout=600)[0]
        assert process.returncode == int(fails), f"berth {' '.join(arguments)} ended with {process.returncode}:\n{said}"
        assert "Traceback" not in said
        return said

    def pulumi(self, *arguments: str) -> str:
        """Run plain pulumi on this stack and return what it says."""
        command = ["pulumi", *arguments, "--non-interactive", "-s", self.stack]
        done = subprocess.run(command, cwd=self.root, env={**os.environ, **self.environment}, text=True, capture_output=True, timeout=600, check=False)
        assert done.returncode == 0, f"pulumi {' '.join(arguments)} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    def _mine(self, instance: str | None = None) -> dict[str, Any]:
        return {"label": f"berth.instance={instance or self.instance}"}

    def containers(self, service: str | None = None, *, role: str | None = None, everything: bool = False) -> list[Container]:
        """Containers of this stage."""
        found = self.engine.containers.list(all=everything or role not in (None, "service"), filters=self._mine())
        wanted = {"berth.service": service, "berth.role": role}
        return [one for one in found if all(value is None or one.labels.get(key) == value for key, value in wanted.items())]

    def known_containers(self) -> list[Container]:
        """Containers of this stage, none while it has no identity yet."""
        return self.containers(everything=True) if (self.root / ".berth" / f"{self.stack}.json").exists() else []

    def starts(self) -> dict[str, str]:
        """When the container of each service was started: the same as before, if nothing was started anew."""
        return {str(one.name): one.attrs["State"]["StartedAt"] for one in self.containers(role="service")}

    def one(self, service: str) -> Container:
        (found,) = self.containers(service, role="service")
        return found

    def leftovers(self, instance: str | None = None) -> dict[str, list[str]]:
        """Everything of this stage that the engine still has, by kind."""
        filters = self._mine(instance)
        return {
            "containers": sorted(str(one.name) for one in self.engine.containers.list(all=True, filters=filters)),
            "networks": sorted(str(one.name) for one in self.engine.networks.list(filters=filters)),
            "volumes": sorted(str(one.name) for one in self.engine.volumes.list(filters=filters)),
        }

    def data_volumes(self) -> list[str]:
        return sorted(str(one.name) for one in self.engine.volumes.list(filters={"label": [f"berth.instance={self.instance}", "berth.role=data"]}))

    def introduce(self) -> None:
        """Tell a stage that is no dev stage, once, who it is: the commands of the README."""
        self.pulumi("stack", "select", "--create")
        self.pulumi("config", "set", "berth:instance", self.instance)
        self.pulumi("config", "set", "--secret", "berth:root_secret", "5eed" * 16)

    def remove(self) -> None:
        """Take a stage down that is no dev stage, and then its data, for which berth has no command, and must not."""
        self.berth("down")
        for name in self.data_volumes():
            self.engine.volumes.get(name).remove()
        assert not any(self.leftovers().values()), self.leftovers()

    def erase(self) -> None:
        """Take everything away, whatever state the stage is in."""
        if (self.root / ".berth" / "dev.json").exists():
            instance = self.instance
            self.berth("erase", "--confirm", "dev")
            assert not any(self.leftovers(instance).values()), self.leftovers(instance)
        shutil.rmtree(self.root)
