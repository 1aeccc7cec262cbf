"""Settings: environment variables, read once at start, all mistakes reported in one line."""

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

SESSION_KEY_MIN = 16
T = TypeVar("T")


class SmtpSecurity(StrEnum):
    """How the connection to the mail server is protected."""

    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"


class Invalid(ValueError):
    """Settings are missing or wrong; the message names each, and never a value that may be secret."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What the application needs to know about its surroundings."""

    database_url: str
    redis_url: str
    smtp_host: str
    smtp_port: int
    smtp_username: str | None
    smtp_password: str | None
    smtp_security: SmtpSecurity
    mail_from: str
    uploads: Path
    site_url: str
    session_key: bytes
    mail_ui_url: str | None
    environment_name: str | None


def settings_or_exit() -> Settings:
    """Settings from the environment of this process; ends it with one line when they are missing or wrong."""
    try:
        return read(os.environ)
    except Invalid as error:
        sys.exit(f"demo: {error}")


def read(environment: Mapping[str, str]) -> Settings:
    """Settings from variables; an empty one counts as missing. Raises `Invalid`, naming everything that is wrong."""
    variables = _Variables(environment)
    settings = Settings(
        database_url=variables.required("DATABASE_URL", _database_url),
        redis_url=variables.required("REDIS_URL", _redis_url),
        smtp_host=variables.required("SMTP_HOST", str),
        smtp_port=variables.required("SMTP_PORT", _port),
        smtp_username=variables.optional("SMTP_USERNAME", str),
        smtp_password=variables.optional("SMTP_PASSWORD", str),
        smtp_security=variables.optional("SMTP_SECURITY", _security) or SmtpSecurity.NONE,
        mail_from=variables.required("MAIL_FROM", _address),
        uploads=variables.optional("UPLOADS", Path) or Path("/app/media"),
        site_url=variables.required("SITE_URL", _web_url),
        session_key=variables.required("SESSION_KEY", _key),
        mail_ui_url=variables.optional("MAIL_UI_URL", _web_url),
        environment_name=variables.optional("ENVIRONMENT_NAME", str),
    )
    if (settings.smtp_username is None) != (settings.smtp_password is None):
        variables.problems.append("SMTP_USERNAME and SMTP_PASSWORD go together")
    if variables.problems:
        raise Invalid("; ".join(variables.problems))
    return settings


class _Variables:
    """Reads variables one by one and collects what is wrong with them."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = environment
        self.problems: list[str] = []

    def required(self, name: str, parse: Callable[[str], T]) -> T:
        value = self.optional(name, parse)
        if value is None and not self.environment.get(name):
            self.problems.append(f"{name} is missing")
        return value  # type: ignore[return-value]  # None only beside a problem, and then nobody gets the settings

    def optional(self, name: str, parse: Callable[[str], T]) -> T | None:
        text = self.environment.get(name)
        if not text:
            return None
        try:
            return parse(text)
        except ValueError as error:
            self.problems.append(f"{name} {error}")
            return None


def _database_url(text: str) -> str:
    return _url(text, ("postgresql", "postgres"), "postgresql://user:password@host:port/database")


def _redis_url(text: str) -> str:
    return _url(text, ("redis", "rediss"), "redis://:password@host:port/0")


def _web_url(text: str) -> str:
    return _url(text, ("http", "https"), "https://host").rstrip("/")


def _url(text: str, schemes: tuple[str, ...], form: str) -> str:
    wrong = f"is not of the form {form}"
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise ValueError(wrong) from None
    if parts.scheme not in schemes or not parts.hostname or port == 0:
        raise ValueError(wrong)
    return text


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65535:
        raise ValueError("is not a port between 1 and 65535")
    return int(text)


def _security(text: str) -> SmtpSecurity:
    if text not in list(SmtpSecurity):
        raise ValueError(f"is not one of {', '.join(SmtpSecurity)}")
    return SmtpSecurity(text)


def _address(text: str) -> str:
    name, at, domain = text.rpartition("@")
    if not (name and at and domain) or any(character.isspace() for character in text):
        raise ValueError("is not a mail address")
    return text


def _key(text: str) -> bytes:
    if len(text) < SESSION_KEY_MIN:
        raise ValueError(f"is shorter than {SESSION_KEY_MIN} characters")
    return text.encode()
