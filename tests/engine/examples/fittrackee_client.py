"""What FitTrackee's own page asks of its API, step by step."""

import io
import json
import re
import zipfile
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any, Self
from urllib.parse import urlsplit

import httpx

from tests.engine.examples.applications import Inbox, text_of
from tests.engine.visitor import eventually

PASSWORD = "a long way to Brest 2026"
WORKOUT = {"sport_id": 1, "duration": 3600, "distance": 12.5, "workout_date": "2026-01-01 10:00", "title": "along the river"}


@dataclass
class Athlete:
    """Somebody with an account to be, at a FitTrackee under its public address, which is at `at` on this machine."""

    site: str
    at: str
    inbox: Inbox
    name: str = "athlete"
    http: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.http = httpx.Client(base_url=f"{self.at}/api", verify=False, timeout=60, headers={"Host": urlsplit(self.site).netloc})

    def again(self) -> Self:
        """The same person, at another browser."""
        return type(self)(self.site, self.at, self.inbox, self.name)

    @property
    def email(self) -> str:
        return f"{self.name}@sports.test"

    def ask(self, method: str, path: str, **request: Any) -> Any:
        """What the API answers, which has to be well."""
        headers = {"X-CSRF-TOKEN": token} if (token := self.http.cookies.get("csrf_access_token")) else {}
        answer = self.http.request(method, path, headers=headers, **request)
        assert answer.status_code < 300, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()

    def register(self) -> EmailMessage:
        """Make the account, and get the mail about it."""
        account = {"username": self.name, "email": self.email, "password": PASSWORD, "accepted_policy": True}
        self.ask("POST", "/auth/register", json=account)
        return self.mail("Confirm your account")

    def mail(self, subject: str) -> EmailMessage:
        """The mail with a subject, as soon as it comes."""
        return eventually(lambda: [one for one in self.inbox(self.email) if subject in one["Subject"]])[-1]

    def confirm(self, mail: EmailMessage) -> None:
        """Follow the link of the mail."""
        link = re.search(r"(https?://\S+)/account-confirmation\?token=(\S+)", text_of(mail))
        assert link, text_of(mail)
        assert link[1] == self.site
        self.ask("POST", "/auth/account/confirm", json={"token": link[2]})

    def login(self) -> None:
        """Sign in, with cookies as a browser keeps them."""
        self.http.cookies.clear()
        self.ask("POST", "/auth/login", json={"email": self.email, "password": PASSWORD})
        assert self.http.cookies.get("csrf_access_token")

    def export(self) -> dict[str, Any]:
        """Ask for everything the site knows, wait for the worker, and read the archive by the names of its files."""
        self.ask("POST", "/auth/account/export/request")
        path = "/auth/account/export"
        done = eventually(lambda: [found for found in [self.ask("GET", path)["request"]] if found["status"] == "successful"])[0]
        archive = self.http.get(f"{path}/{done['file_name']}")
        assert (archive.status_code, len(archive.content)) == (200, done["file_size"])
        with zipfile.ZipFile(io.BytesIO(archive.content)) as content:
            return {name: json.loads(content.read(name)) for name in content.namelist() if name.endswith(".json")}
