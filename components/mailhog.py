"""Mailhog: takes every mail of a dev stage and shows it on a page; nothing leaves the machine."""

from dataclasses import dataclass

import pulumi

from components.connection import Connection
from components.container import Attachment, ContainerSpec, Logs, Mount, Resources, run
from components.image import pulled
from components.model import Model, Port, size
from components.probe import HealthCheck
from components.stage import Stage, child_of
from components.tools import PATH, Tools, script

SMTP_PORT = 1025
UI_PORT = 8025
USER = "1000:1000"
"""The account `mailhog` of the official image."""


class MailhogConfig(Model):
    """The mail catcher of a dev stage."""

    version: str = "v1.0.1"
    """Tag of the image mailhog/mailhog."""

    ui_port: Port = 8025
    """Port of 127.0.0.1, whatever the site's address, that shows the page and the API."""

    resources: Resources = Resources(memory=size("64MiB"), cpus="0.25")
    """Limits of the container. Mails are kept in memory."""

    logs: Logs = Logs()
    """How much of its output is kept."""

    @property
    def reference(self) -> str:
        """The image."""
        return f"mailhog/mailhog:{self.version}"


@dataclass(frozen=True, kw_only=True)
class MailhogArgs:
    """Wiring of Mailhog."""

    stage: Stage
    tools: Tools
    config: MailhogConfig
    networks: tuple[pulumi.Input[str], ...]
    """Names of the networks of those who send mail and of the proxy that shows the page."""
    ui_url: str
    """Where the proxy shows the page."""


class Mailhog(pulumi.ComponentResource):
    """Creates one container that is healthy when this resource is. Output: `connection`, without credentials."""

    connection: Connection

    def __init__(self, name: str, args: MailhogArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("berth:index:Mailhog", name, None, opts)
        child = child_of(self)
        image = pulled(f"{name}-image", args.stage.images, args.config.reference, opts=child)
        spec = ContainerSpec(
            image=image.image_id,
            command=["MailHog", "-storage=memory"],
            user=USER,
            resources=args.config.resources,
            networks=tuple(Attachment(network=network, aliases=(name,)) for network in args.networks),
            health=HealthCheck(test=script("probe", "http", str(UI_PORT), "/api/v2/messages?limit=1")),
            mounts=(Mount(source=args.tools.volume, path=PATH, read_only=True),),
            grace_s=10,
            logs=args.config.logs,
        )
        run(name, spec, args.stage, service=name, opts=child)
        self.connection = Connection(scheme="smtp", host=name, port=SMTP_PORT, ui_url=args.ui_url)
        self.register_outputs({"connection": self.connection.as_outputs()})
