"""The prod topology: code from images only, mail by a real server, data protected, one published port."""

from components.connection import Connection
from components.engine import Engine
from config import references
from config.load import Loaded
from config.references import PARTS
from config.stage import ProdStage, SmtpMailConfig
from topologies import steps


def build(loaded: Loaded, stage: ProdStage, engine: Engine) -> dict[str, object]:
    """Create everything; the result is what the stack exports."""
    site = steps.begin(loaded, engine, protect_data=True)
    steps.databases(site)
    steps.stores(site)
    steps.volumes(site)
    if stage.mail:
        _smtp(site, stage.mail)
    steps.applications(site)
    return steps.front_door(site)


def _smtp(site: steps.Site, mail: SmtpMailConfig) -> None:
    smtp = mail.smtp
    password = site.secrets[references.names(smtp.password)[0].removeprefix("secrets.")] if smtp.password else None
    server = Connection(scheme="smtp", host=smtp.host, port=smtp.port, username=smtp.username, password=password)
    site.scope.connection("mail", (part for part in PARTS["mail"] if part != "from"), server)
    site.scope.plain("mail.from", mail.from_)
