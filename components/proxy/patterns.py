"""Words that go into nginx.conf: each has a closed form, so that no valid value can mean anything else there."""

import re
from ipaddress import IPv4Network, ip_network
from typing import Annotated

from pydantic import AfterValidator, WithJsonSchema

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = rf"(?=.{{1,253}}(?:[/:]|$)){_LABEL}(?:\.{_LABEL})*"
_PATH = r"/[A-Za-z0-9._~/@-]{0,500}"
_TOKEN = r"[A-Za-z][A-Za-z0-9-]{0,63}"  # noqa: S105  # a word of HTTP
_RELATIVE = r"[A-Za-z0-9._~@-][A-Za-z0-9._~/@-]{0,500}"
_ORIGIN = rf"\*|https?://{_HOST}(?::[1-9]\d{{0,4}})?"
_TARGET = rf"(?:https?://{_HOST}(?::[1-9]\d{{0,4}})?)?(?:/[A-Za-z0-9._~!&'()*+,;=:@%/?#-]{{0,1000}})?"
_BROADCAST = IPv4Network("255.255.255.255")
_TEXT = r"[!-~](?:[ -~]{0,4000}[!-~])?"


def _stray(path: str) -> bool:
    """Whether a path has a part that a server takes out before it looks."""
    return "//" in path or any(part in (".", "..") for part in path.split("/"))


def _host(text: str) -> str:
    if not re.fullmatch(_HOST, text):
        raise ValueError("is no host: write a name in small letters, for example demo.example, without scheme, port or path")
    return text


def _route(text: str) -> str:
    if not re.fullmatch(rf"(?:{_HOST})?{_PATH}", text) or _stray(text):
        raise ValueError("is no route: write [host]/path, for example /api or api.demo.example/v2, of letters, digits and . _ ~ @ -")
    return text


def _relative(text: str) -> str:
    if text and (not re.fullmatch(_RELATIVE, text) or _stray(text)):
        raise ValueError("is no path inside the volume: write one like assets/index.html, of letters, digits and . _ ~ @ -, without .. and a first slash")
    return text.rstrip("/")


def _origin(text: str) -> str:
    if not re.fullmatch(_ORIGIN, text):
        raise ValueError('is no origin: write scheme, host and port, for example https://demo.example or http://localhost:5173, or "*" for all')
    return text


def _target(text: str) -> str:
    if not text or not re.fullmatch(_TARGET, text) or text.startswith("//"):
        raise ValueError("is nothing to redirect to: write a path, /new, or an address, https://demo.example/new")
    return text


def _header_name(text: str) -> str:
    if not re.fullmatch(_TOKEN, text):
        raise ValueError("is no name of a header: write letters, digits and -, for example X-Frame-Options")
    return text


def _header_text(text: str) -> str:
    if not re.fullmatch(_TEXT, text):
        raise ValueError("is no text of a header: write printable ASCII without a blank at either end; null takes the header away")
    return text


def _network(text: str) -> str:
    try:
        network = None if "%" in text else ip_network(text)  # Python takes any text behind %, as the zone of an address
    except ValueError:
        network = None
    if network is None:
        raise ValueError("is no address or network: write one like 10.0.0.5 or 10.0.0.0/8")
    if not network.prefixlen:
        raise ValueError("is everybody, who could then pretend to be anybody: name what stands before this site")
    if network == _BROADCAST:  # nginx takes it for a name: its ngx_inet_addr says "no address" with this very number
        raise ValueError("is nobody's address, but the broadcast's: name what stands before this site")
    return str(network)


Host = Annotated[str, AfterValidator(_host), WithJsonSchema({"type": "string", "format": "hostname"})]
"""A name that a browser asks for."""
Network = Annotated[str, AfterValidator(_network)]
"""An address or a network, as `10.0.0.0/8`."""
RoutePattern = Annotated[str, AfterValidator(_route), WithJsonSchema({"type": "string", "pattern": "^[a-z0-9.-]*/[A-Za-z0-9._~/@-]*$"})]
"""`[host]/path`."""
RelativePath = Annotated[str, AfterValidator(_relative)]
"""A relative path below some folder."""
Origin = Annotated[str, AfterValidator(_origin)]
"""What a browser sends as `Origin`, or `*`."""
Target = Annotated[str, AfterValidator(_target)]
"""Where a redirect leads."""
HeaderName = Annotated[str, AfterValidator(_header_name), WithJsonSchema({"type": "string", "pattern": f"^{_TOKEN}$"})]
HeaderText = Annotated[str, AfterValidator(_header_text)]


def split(pattern: str) -> tuple[str, str]:
    """Host, empty for all of them, and path without its last slash, empty for the root."""
    host, slash, path = pattern.partition("/")
    return host, (slash + path).rstrip("/")
