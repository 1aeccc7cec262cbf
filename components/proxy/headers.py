"""Headers that the proxy adds to every answer: those of the OWASP Secure Headers Project, as far as they leave applications alone."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator

from components.proxy.patterns import HeaderName, HeaderText

SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Content-Security-Policy": "base-uri 'self'; object-src 'none'",
    "Cross-Origin-Opener-Policy": "same-origin-allow-popups",
    "Cross-Origin-Resource-Policy": "same-site",
    "Permissions-Policy": "camera=(self), display-capture=(self), geolocation=(self), microphone=(self), usb=(self)",
    "X-Permitted-Cross-Domain-Policies": "none",
}
"""Headers of every answer that `headers` does not change. Who may frame a page is left to X-Frame-Options: `frame-ancestors` here would overrule an
application that says DENY there, as Django does."""
RESOURCE_POLICY = "cross-origin-resource-policy"
"""Says who may show what is answered. Where a route has `cors` it is `cross-origin`, whatever else it is."""
ELSEWHERE = {"strict-transport-security": "hsts", "access-control": "cors of a route", "vary": "cors of a route"}
SERVERS_OWN = frozenset({
    "connection", "content-encoding", "content-length", "content-type", "date", "etag", "keep-alive", "last-modified", "location", "server", "set-cookie",
    "trailer", "transfer-encoding", "upgrade",
})  # fmt: skip


def _ours(headers: dict[str, str | None]) -> dict[str, str | None]:
    names = [name.lower() for name in headers]
    for name, low in zip(headers, names, strict=True):
        remedy = next((remedy for start, remedy in ELSEWHERE.items() if low.startswith(start)), None)
        if remedy:
            raise ValueError(f"has {name}, which is not written here: use {remedy}")
        if low in SERVERS_OWN:
            raise ValueError(f"has {name}, which the server has to set by itself: take it away")
        if names.count(low) > 1:
            raise ValueError(f"has {name} in more than one spelling: keep one")
    return headers


Headers = Annotated[dict[HeaderName, HeaderText | None], AfterValidator(_ours)]
"""Texts by names; None takes a built-in one away."""


def all_headers(said: Mapping[str, str | None]) -> dict[str, str]:
    """Headers by name, the built-in ones that were not changed among them."""
    low = {name.lower() for name in said}
    built_in = {name: text for name, text in SECURITY_HEADERS.items() if name.lower() not in low}
    return built_in | {name: text for name, text in said.items() if text is not None}
