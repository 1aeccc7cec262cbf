"""The dev topology: everything on this machine, sources mounted, mail caught, all pages on 127.0.0.1."""

from components.app.config import AppConfig
from components.container import Mount
from components.engine import Engine
from components.mailhog import UI_PORT, Mailhog, MailhogArgs
from components.proxy.site import ProxyPage
from config.load import Loaded
from config.stage import DevAppConfig, DevStage, MailConfig, Security
from topologies import external, steps, wiring


async def build(loaded: Loaded, stage: DevStage, engine: Engine) -> dict[str, object]:
    """Create everything; the result is what the stack exports."""
    site = await steps.begin(loaded, stage, engine, protect_data=False)
    steps.databases(site)
    steps.stores(site)
    steps.volumes(site)
    pages = (_mailhog(site, stage.mail),) if stage.mail else ()
    steps.applications(site, _mounts)
    return steps.front_door(site, pages)


def _mailhog(site: steps.Site, mail: MailConfig) -> ProxyPage:
    config, networks = mail.mailhog, site.networks
    ui_url = f"http://localhost:{config.ui_port}"
    args = MailhogArgs(stage=site.stage, tools=site.tools, config=config, networks=(networks.front, networks.data), ui_url=ui_url)
    catcher = Mailhog("mail", args)
    external.sender(site.scope, catcher.connection, mail.from_, Security.NONE)
    site.backing["mail"] = catcher
    site.services["mail"] = wiring.described("Mailhog", config.reference, url=ui_url, credentials="none needed")
    return ProxyPage(service="mail", host_port=config.ui_port, port=UI_PORT)


def _mounts(app: AppConfig) -> tuple[Mount, ...]:
    folders = app.mounts if isinstance(app, DevAppConfig) else {}
    return tuple(Mount(source=source, path=path, bind=True) for source, path in folders.items())
