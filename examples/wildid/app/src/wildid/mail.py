"""Mail by SMTP: to the catcher in development, to a real server with TLS and a password in production."""

import os
import smtplib
import ssl
from email.message import EmailMessage

TIMEOUT_S = 20


def send(to: str, subject: str, text: str) -> None:
    """Send one mail; raises `smtplib.SMTPException` or `OSError`. Certificates are verified."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = os.environ["MAIL_FROM"], to, subject
    message.set_content(text)
    with _server() as server:
        if os.environ["MAIL_SECURITY"] == "starttls":
            server.starttls(context=ssl.create_default_context())
        if os.environ.get("MAIL_USERNAME"):
            server.login(os.environ["MAIL_USERNAME"], os.environ["MAIL_PASSWORD"])
        server.send_message(message)


def _server() -> smtplib.SMTP:
    host, port = os.environ["MAIL_SERVER"], int(os.environ["MAIL_PORT"])
    if os.environ["MAIL_SECURITY"] == "tls":
        return smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_S, context=ssl.create_default_context())
    return smtplib.SMTP(host, port, timeout=TIMEOUT_S)
