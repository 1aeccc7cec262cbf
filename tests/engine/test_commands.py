"""What a person does with a stage that is up: read logs, run a command, open a page, clean up; on the demo."""

import json
import os
import re
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import httpx
import pytest

from tests.engine.project import BERTH, Project
from tests.engine.visitor import eventually

pytestmark = pytest.mark.usefixtures("demo")


def test_logs_of_all_services_of_one_and_for_programs(demo: Project) -> None:
    httpx.get(f"{demo.url}/healthz?canary=1").raise_for_status()
    said = demo.berth("logs", "-n", "500")
    assert {line.split(" | ")[0].rstrip().rpartition("-")[0] for line in said.splitlines() if " | " in line} >= {"web-1", "proxy", "db", "cache"}
    assert "canary=1" in demo.berth("logs", "proxy")
    assert "canary=1" not in demo.berth("logs", "db")
    assert json.loads(demo.berth("logs", "proxy", "--json", "-n", "1"))["service"] == "proxy"
    assert "no container of 'nobody' is there" in demo.berth("logs", "nobody", fails=True)


def test_logs_go_on_until_they_are_stopped(demo: Project) -> None:
    process = demo.start("logs", "proxy", "--follow", "-n", "0")
    assert process.stdout
    lines, numbers = process.stdout, count()

    def followed(number: int) -> bool:
        httpx.get(f"{demo.url}/healthz?later={number}").raise_for_status()
        return line.done()

    with ThreadPoolExecutor(1) as reader:
        line = reader.submit(lambda: [next(line for line in lines if "later=" in line) for _ in range(3)])
        try:
            eventually(lambda: followed(next(numbers)))
        finally:
            os.killpg(process.pid, signal.SIGINT)
    said = process.communicate(timeout=60)[0]
    assert len({number for text in line.result() for number in re.findall(r"later=(\d+)", text)}) == 3
    assert "Traceback" not in said


def test_a_command_finds_the_secrets_of_its_service_and_shows_them_to_nobody(demo: Project) -> None:
    said = demo.berth("exec", "web", "python", "-c", "import os; print(len(os.environ['SESSION_KEY']), os.environ['DATABASE_URL'][:13])")
    assert said.split() == ["43", "postgresql://"]
    assert demo.berth("exec", "db", "psql", "-XAtc", "SELECT current_user, current_database()").strip() == "demo|demo"
    assert demo.berth("exec", "cache", "redis-cli", "ping").strip() == "PONG"
    assert "SESSION_KEY" not in json.dumps(demo.one("web").attrs["Config"]["Env"])


def test_the_code_of_a_command_is_berths_own(demo: Project) -> None:
    done = subprocess.run(
        [BERTH, "exec", "web", "python", "-c", "import sys; print(sys.stdin.read()); sys.exit(7)"],
        cwd=demo.root,
        input="given",
        text=True,
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (7, "given\n")


def test_addresses(demo: Project) -> None:
    assert demo.berth("open").strip() == f"http://localhost:{demo.http}"
    assert demo.berth("open", "mail").strip() == f"http://localhost:{demo.mail_ui}"
    assert "'db' has no page. There are: mail, proxy, web" in demo.berth("open", "db", fails=True)


def test_status_shows_what_runs_what_differs_and_what_it_takes(demo: Project) -> None:
    web = demo.one("web")
    assert web.image
    said = demo.berth("status")
    assert str(web.image.id).removeprefix("sha256:")[:12] in said
    assert {line.split()[-1] for line in said.splitlines()[1:8] if line} == {"none"}
    assert "Disk: data " in said
    web.pause()
    try:
        told = json.loads(demo.berth("status", "--json"))
        assert {service["service"]: service["drift"] for service in told["services"] if service["drift"] != "none"} == {"web": "paused"}
        assert set(told["disk"]) == {"data", "containers", "images"}
        assert (told["disk"]["data"] > 10_000_000, told["disk"]["images"] >= web.image.attrs["Size"]) == (True, True), "a cluster of Postgres, and what runs"
    finally:
        web.unpause()
