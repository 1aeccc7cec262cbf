"""A mail server that takes mail by STARTTLS and from one account alone, and prints each as a line of JSON: `smtp.py PORT USERNAME PASSWORD`."""

import json
import ssl
import sys
import threading
from email import message_from_bytes, policy
from typing import Any

from aiosmtpd.controller import Controller  # type: ignore[import-not-found]  # in its image alone
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session  # type: ignore[import-not-found]  # as above


class Printed:
    """Prints what comes in."""

    async def handle_DATA(self, server: object, session: Session, envelope: Envelope) -> str:  # noqa: N802  # aiosmtpd's name
        """Take a mail."""
        mail = message_from_bytes(bytes(envelope.content or b""), policy=policy.default)
        body = mail.get_body()
        text = body.get_content() if body else ""
        encrypted = session.ssl is not None
        print(json.dumps({"to": envelope.rcpt_tos, "from": mail["From"], "subject": mail["Subject"], "text": text, "tls": encrypted}))  # noqa: T201
        return "250 OK"


def main(port: int, username: str, password: str) -> None:
    """Serve for good."""

    def login(server: object, session: object, envelope: object, mechanism: str, told: Any) -> AuthResult:
        known = isinstance(told, LoginPassword) and (told.login, told.password) == (username.encode(), password.encode())
        return AuthResult(success=known)

    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain("/tls/tls.crt", "/tls/tls.key")
    Controller(
        Printed(),
        "0.0.0.0",
        port,
        tls_context=tls,
        require_starttls=True,
        auth_required=True,
        auth_require_tls=True,
        authenticator=login,
    ).start()
    threading.Event().wait()


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:])
