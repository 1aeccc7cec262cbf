"""Settings: what is read, and the one line about everything that is wrong."""

import sys
from pathlib import Path

import pytest
from demo.settings import Invalid, SmtpSecurity, read, settings_or_exit


def test_defaults(environment: dict[str, str]) -> None:
    settings = read(environment)
    assert settings.uploads == Path("/app/media")
    assert settings.smtp_security is SmtpSecurity.NONE
    assert (settings.smtp_username, settings.smtp_password, settings.mail_ui_url, settings.environment_name) == (None,) * 4


def test_explicit(environment: dict[str, str]) -> None:
    login = {"SMTP_USERNAME": "u", "SMTP_PASSWORD": "p", "SMTP_SECURITY": "starttls"}
    settings = read({**environment, **login, "UPLOADS": "/data", "SITE_URL": "https://demo.example/", "MAIL_UI_URL": "http://localhost:8025"})
    assert settings.database_url == environment["DATABASE_URL"]
    assert settings.smtp_port == 1
    assert settings.smtp_security is SmtpSecurity.STARTTLS
    assert settings.uploads == Path("/data")
    assert settings.site_url == "https://demo.example"
    assert settings.mail_ui_url == "http://localhost:8025"


def test_empty_is_missing(environment: dict[str, str]) -> None:
    assert read({**environment, "MAIL_UI_URL": ""}).mail_ui_url is None
    with pytest.raises(Invalid, match=r"^SMTP_HOST is missing$"):
        read({**environment, "SMTP_HOST": ""})


def test_names_everything_at_once() -> None:
    with pytest.raises(Invalid) as caught:
        read({"SMTP_PORT": "x"})
    assert str(caught.value) == (
        "DATABASE_URL is missing; REDIS_URL is missing; SMTP_HOST is missing; SMTP_PORT is not a port between 1 and 65535; "
        "MAIL_FROM is missing; SITE_URL is missing; SESSION_KEY is missing"
    )


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("DATABASE_URL", "mysql://u:hidden@db/demo", "DATABASE_URL is not of the form postgresql://user:password@host:port/database"),
        ("DATABASE_URL", "postgresql://u:hidden@db:x/demo", "DATABASE_URL is not of the form postgresql://user:password@host:port/database"),
        ("REDIS_URL", "cache:6379", "REDIS_URL is not of the form redis://:password@host:port/0"),
        ("SITE_URL", "localhost", "SITE_URL is not of the form https://host"),
        ("MAIL_UI_URL", "javascript:alert(1)", "MAIL_UI_URL is not of the form https://host"),
        ("SMTP_PORT", "70000", "SMTP_PORT is not a port between 1 and 65535"),
        ("SMTP_SECURITY", "ssl", "SMTP_SECURITY is not one of none, starttls, tls"),
        ("MAIL_FROM", "demo", "MAIL_FROM is not a mail address"),
        ("SESSION_KEY", "hidden", "SESSION_KEY is shorter than 16 characters"),
        ("SMTP_USERNAME", "hidden", "SMTP_USERNAME and SMTP_PASSWORD go together"),
    ],
)
def test_says_what_is_wrong_and_no_value(environment: dict[str, str], name: str, value: str, problem: str) -> None:
    with pytest.raises(Invalid) as caught:
        read({**environment, name: value})
    assert str(caught.value) == problem
    assert "hidden" not in str(caught.value)


def test_ends_the_process_with_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.environ", {})
    with pytest.raises(SystemExit, match=r"^demo: DATABASE_URL is missing; .*"):
        settings_or_exit()
    assert "demo.app" not in sys.modules
