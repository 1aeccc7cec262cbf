"""The Mailhog image takes mail by SMTP and shows it in its API."""

import json
import smtplib
import urllib.request
from email.message import EmailMessage

from tests.offline.conftest import Start, docker, eventually


def _api(name: str) -> list[dict[str, object]]:
    address = docker("port", name, "8025/tcp").splitlines()[0]
    with urllib.request.urlopen(f"http://{address}/api/v2/messages", timeout=5) as answer:
        items: list[dict[str, object]] = json.load(answer)["items"]
    return items


def _answers(name: str) -> bool:
    try:
        return _api(name) == []
    except OSError:
        return False


def test_a_mail_arrives_with_a_read_only_root_and_without_capabilities(start: Start) -> None:
    options = ("--read-only", "--cap-drop", "ALL", "--publish", "127.0.0.1::1025", "--publish", "127.0.0.1::8025")
    name = start(*options, "mailhog/mailhog:v1.0.1")
    eventually(lambda: _answers(name))
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "a@demo.test", "b@demo.test", "canary"
    mail.set_content("körper")
    host, port = docker("port", name, "1025/tcp").splitlines()[0].split(":")
    with smtplib.SMTP(host, int(port), timeout=10) as server:
        server.send_message(mail)
    eventually(lambda: len(_api(name)) == 1)
    assert "canary" in json.dumps(_api(name))
