"""What the answers of the site in tests/engine/site have to say, and its certificates."""

from collections.abc import Mapping

import httpx

from components.proxy.certificate import MATERIAL_BYTES, self_signed
from tests.engine.visitor import Visitor

SECURITY = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "SAMEORIGIN",
    "content-security-policy": "base-uri 'self'; object-src 'none'",
    "cross-origin-opener-policy": "same-origin-allow-popups",
    "cross-origin-resource-policy": "same-site",
    "permissions-policy": "camera=(self), display-capture=(self), geolocation=(self), microphone=(self), usb=(self)",
    "x-permitted-cross-domain-policies": "none",
    "x-own": 'a $b "c"; {d}',
}
OWN = {
    "x-frame-options": "DENY",
    "content-security-policy": "default-src 'self'",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "usb=()",
    "x-permitted-cross-domain-policies": "all",
    "access-control-allow-origin": "https://app.test",
}
"""What the app says by itself at /own, beside Strict-Transport-Security."""
SHARED = {**SECURITY, "cross-origin-resource-policy": "cross-origin"}
"""Of routes that pages of other origins may read."""
BALANCED = """\
  hsts: 0
  trusted_proxies: [10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16]
  connections: 2
  client_timeout: 2s
"""
"""What the proxy is told to believe this host, whose requests come from one of these networks, as its container sees them; and narrow bounds."""


def secured(answer: httpx.Response, expected: Mapping[str, str] = SECURITY) -> bool:
    """Whether an answer has these headers once each, and none that says what it was made with."""
    assert {name: answer.headers.get_list(name) for name in expected} == {name: [text] for name, text in expected.items()}
    return not {"referrer-policy", "x-powered-by", "strict-transport-security"} & set(answer.headers)


def give(site: Visitor, seed: bytes) -> str:
    """Write the files of another certificate."""
    given = self_signed(["site.test", "api.test", "www.test"], seed * MATERIAL_BYTES)
    (site.project.root / "site.crt").write_text(given.chain)
    (site.project.root / "site.key").write_text(given.key)
    return given.chain


def site_sees(site: Visitor, said: str) -> str:
    """Who asks, as the app is told, when `said` comes with the request."""
    headers = site.ask("/x", headers={"X-Forwarded-For": said, "X-Real-IP": "9.9.9.9"}).json()["headers"]
    assert headers["X-Real-IP"] == headers["X-Forwarded-For"]
    return str(headers["X-Real-IP"])
