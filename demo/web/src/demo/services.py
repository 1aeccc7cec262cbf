"""Everything a request may use, made once."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from demo.cache import Cache
from demo.csrf import Csrf
from demo.settings import Settings
from demo.store import Store
from demo.uploads import Uploads


@dataclass(frozen=True, kw_only=True)
class Services:
    """The settings, and what was made from them."""

    settings: Settings
    store: Store
    cache: Cache
    uploads: Uploads
    csrf: Csrf

    @classmethod
    def of(cls, settings: Settings) -> "Services":
        """Make them; nothing connects yet."""
        return cls(
            settings=settings,
            store=Store(settings.database_url, "demo-web"),
            cache=Cache(settings.redis_url),
            uploads=Uploads(settings.uploads),
            csrf=Csrf(settings.session_key),
        )


def _services(connection: HTTPConnection) -> Services:
    services = connection.app.state.services
    assert isinstance(services, Services)  # noqa: S101 - tells mypy what site.build put there
    return services


Use = Annotated[Services, Depends(_services)]
"""Type of a parameter of a route that wants the services."""
