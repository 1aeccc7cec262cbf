"""A Postgres that somebody else runs, with TLS: an app gets to the server whose certificate is of the authority that the stage names, and to no other."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import docker

from components.proxy.certificate import MATERIAL_BYTES, self_signed
from tests.engine.conftest import Make
from tests.engine.examples.mail_server import gateway
from tests.engine.examples.wildid_outside import postgres_outside
from tests.engine.project import Project

APP = """\
format: 1
name: outside
apps:
  web:
    image: postgres:17
    command: [sleep, infinity]
    migrate: [sh, -c, 'psql "$DATABASE_URL" -Atc "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()" | grep -x t']
    migrate_timeout: 20s
    health: { command: [sh, -c, 'psql "$DATABASE_URL" -c "SELECT 1"'] }
    uses: [db]
"""
PASSWORD = "of-this-test"


ADDRESS = gateway(docker.from_env())


@contextmanager
def server(*hosts: str) -> Iterator[tuple[int, str]]:
    """A server with a certificate for some hosts: its port, and the certificate, which is its own authority."""
    certificate = self_signed(hosts, secrets.token_bytes(MATERIAL_BYTES))
    with postgres_outside(docker.from_env(), ADDRESS, certificate, PASSWORD) as (_, port):
        yield port, certificate.chain


def stage(make_project: Make, name: str, port: int, authority: str) -> Project:
    project = make_project(name)
    files = {"app.yaml": APP, "ca.pem": authority, "far": PASSWORD}
    for file, text in files.items():
        (project.root / file).write_text(text)
    login = {"database": "wildid", "username": "wildid_user", "password": "${secrets.far}"}
    project.configure(secrets={"far": {"file": "far"}}, postgres={"db": {"external": {"host": ADDRESS, "port": port, "ca": "ca.pem", **login}}})
    return project


def test_the_right_server_is_reached_by_tls(make_project: Make) -> None:
    with server(ADDRESS) as (port, authority):
        project = stage(make_project, "outside-right", port, authority)
        project.berth("up")
        project.berth("preview", "--", "--expect-no-changes")
        assert project.one("web").attrs["State"]["Health"]["Status"] == "healthy"


def test_a_server_of_another_authority_is_not_talked_to(make_project: Make) -> None:
    other = self_signed([ADDRESS], secrets.token_bytes(MATERIAL_BYTES)).chain
    with server(ADDRESS) as (port, _):
        assert "certificate verify failed" in stage(make_project, "outside-wrong", port, other).berth("up", fails=True)


def test_a_server_of_another_name_is_not_talked_to(make_project: Make) -> None:
    with server("other.test") as (port, authority):
        assert f'does not match host name "{ADDRESS}"' in stage(make_project, "outside-name", port, authority).berth("up", fails=True)
