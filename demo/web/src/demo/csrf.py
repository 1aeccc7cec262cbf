"""Forms of the page are accepted only from the page: a signed cookie, and in each form a token that belongs to it."""

import hmac
import secrets
from hashlib import sha256
from urllib.parse import urlsplit

COOKIE = "demo_csrf"
FIELD = "csrf"


class Csrf:
    """Issues and checks, with the secret that all replicas share; nothing is stored."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def cookie(self, present: str | None = None) -> str:
        """The visitor's cookie: the one they have if it is ours, else a new one."""
        if present is not None and self._is_ours(present):
            return present
        nonce = secrets.token_urlsafe(24)
        return f"{nonce}.{self._sign('cookie', nonce)}"

    def token(self, cookie: str) -> str:
        """What a form must bring along with this cookie."""
        return self._sign("form", cookie)

    def accepts(self, cookie: str | None, token: str | None) -> bool:
        """Whether cookie and token were issued by us, for each other. Takes the same time whatever is wrong."""
        if cookie is None or token is None:
            return False
        return self._is_ours(cookie) & _same(token, self.token(cookie))

    def _is_ours(self, cookie: str) -> bool:
        nonce, _, signature = cookie.partition(".")
        return _same(signature, self._sign("cookie", nonce))

    def _sign(self, purpose: str, text: str) -> str:
        return hmac.new(self._key, f"{purpose}:{text}".encode(), sha256).hexdigest()


def is_foreign(origin: str | None, *own: str) -> bool:
    """Whether a browser says that a request comes from another site's page.

    Other clients send no Origin and are welcome. Only host names are compared, for a proxy may
    forward the Host header without its port.
    """
    if origin is None:
        return False
    return urlsplit(origin).hostname not in {urlsplit(each).hostname for each in own}


def _same(left: str, right: str) -> bool:
    return hmac.compare_digest(left.encode(errors="replace"), right.encode(errors="replace"))
