"""How an application reaches a backing service: one contract for containers and for services outside."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

import pulumi


@dataclass(frozen=True, kw_only=True)
class Connection:
    """Address and credentials of a backing service. `password` and `url` are secret outputs where there is a password."""

    scheme: str
    host: str
    port: int
    username: str = ""
    password: pulumi.Output[str] | None = None
    database: str = ""
    parameters: str = ""
    """What comes behind the `?` of the URL, already encoded."""
    ui_url: str = ""
    """Where a person looks at the service; empty without such a page."""

    @property
    def url(self) -> pulumi.Output[str]:
        """The whole connection as one URL, every part percent-encoded."""
        if self.password is None:
            return pulumi.Output.from_input(self._url(""))
        return pulumi.Output.secret(self.password.apply(self._url))

    @property
    def secret_parts(self) -> frozenset[str]:
        """Names of the parts that must not become plain."""
        return frozenset(("password", "url")) if self.password is not None else frozenset()

    def part(self, name: str) -> pulumi.Input[str]:
        """One part by the name that a reference uses, as text."""
        if name == "url":
            return self.url if self.password is not None else self._url("")
        if name == "password":
            return self.password if self.password is not None else ""
        return str(getattr(self, name))

    def as_outputs(self) -> Mapping[str, pulumi.Input[str]]:
        """Every part, for `register_outputs`."""
        return {name: self.part(name) for name in ("scheme", "host", "port", "username", "password", "database", "url", "ui_url")}

    def _url(self, password: str) -> str:
        login = quote(self.username, safe="")
        if password:
            login += f":{quote(password, safe='')}"
        path = f"/{quote(self.database, safe='')}" if self.database else ""
        query = f"?{self.parameters}" if self.parameters else ""
        return f"{self.scheme}://{login}{'@' if login else ''}{self.host}:{self.port}{path}{query}"


def joined(*pieces: pulumi.Input[str]) -> pulumi.Input[str]:
    """Pieces of a text one after the other: plain where all of them are."""
    plain = [piece for piece in pieces if isinstance(piece, str)]
    return "".join(plain) if len(plain) == len(pieces) else pulumi.Output.concat(*pieces)
