"""The proxy's own script and that of the job which waits for it, with a stand-in for nginx that serves the version of its configuration."""

import hashlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.components.conftest import until

NGINX = """\
#!{python}
import http.server, os, pathlib, re, signal, sys, threading, time
file = sys.argv[sys.argv.index("-c") + 1]
text = open(file).read()
if "-t" in sys.argv:
    if "starved" in text and not pathlib.Path(sys.argv[0]).with_name("heard").exists():
        sys.exit("nginx: [emerg] posix_memalign(16, 512) failed")
    sys.exit(print("nginx: [emerg] unknown directive \\"bogus\\" in " + file, file=sys.stderr) or 1 if "bogus" in text else 0)
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(Answer.version.encode())
    def log_message(self, *_):
        pass
def load(*_):
    text = open(file).read()
    heard = pathlib.Path(os.path.dirname(sys.argv[0])) / "heard"
    if "deaf" not in text and not ("busy" in text and not heard.exists()):
        Answer.version = re.findall('version "(.*)"', text)[0]
server = http.server.ThreadingHTTPServer(("127.0.0.1", {port}), Answer)
Answer.version = ""
load()
signal.signal(signal.SIGHUP, load)
signal.signal(signal.SIGQUIT, lambda *_: os._exit(0))
threading.Thread(target=server.serve_forever, daemon=True).start()
while True:
    time.sleep(0.05)  # pause() would miss a signal that comes just before it
"""


@dataclass
class Site:
    """The folders of a proxy, and its script at work."""

    folder: Path
    processes: list["subprocess.Popen[bytes]"] = field(default_factory=list)

    def __post_init__(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.wanted, self.state = self.folder / "wanted", self.folder / "state"
        for place in (self.wanted, self.state, self.folder / "bin"):
            place.mkdir()
        program = self.folder / "bin" / "nginx"
        program.write_text(NGINX.format(python=sys.executable, port=self.port))
        program.chmod(0o755)
        busybox = shutil.which("busybox") or ""
        scripts = Path(__file__).parents[2] / "components" / "tools" / "image"
        for name in ("proxy", "switch"):
            text = (scripts / name).read_text().replace("/.berth/busybox", busybox).replace("=/etc/berth", f"={self.wanted}")
            (self.folder / name).write_text(re.sub(r"\b8079\b", str(self.port), text.replace("=/var/lib/berth", f"={self.state}")))

    def start(self, patience: str = "30") -> "subprocess.Popen[bytes]":
        environment = {"PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}"}
        process = subprocess.Popen(["busybox", "sh", str(self.folder / "proxy"), patience], env=environment, stderr=subprocess.PIPE, start_new_session=True)
        self.processes.append(process)
        return process

    def want(self, version: str, more: str = "", *, late: str = "") -> None:
        """Put a set of files there, one after the other; all but `late`."""
        files = {"nginx.conf": f'version "{version}"\n{more}', "version": version}
        sums = "".join(f"{hashlib.sha256(text.encode()).hexdigest()}  {name}\n" for name, text in files.items())
        for name, text in {**files, "sums": sums}.items():
            if name != late:
                (self.wanted / name).unlink(missing_ok=True)
                (self.wanted / name).write_text(text)

    def wait(self, version: str, drain: str = "0") -> "subprocess.CompletedProcess[bytes]":
        """Run the job that waits."""
        return subprocess.run(["busybox", "sh", str(self.folder / "switch"), version, drain], capture_output=True, timeout=90, check=False)

    def well(self, *, ill: bool = False) -> None:
        """From now on nginx has what it lacked; `ill`: no more."""
        heard = self.folder / "bin" / "heard"
        heard.unlink(missing_ok=True) if ill else heard.touch()

    def answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def serves(self, version: str) -> bool:
        try:
            return self.serving() == version
        except OSError:  # nobody there, or no more
            return False

    def serving(self) -> str:
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
            connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
            return connection.makefile("rb").read().decode().rpartition("\r\n\r\n")[2]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path)
    yield site
    for process in site.processes:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
        process.wait()


def test_the_first_set_serves_and_nobody_has_to_drain(site: Site) -> None:
    site.want("one")
    site.start()
    assert site.wait("one", "1000").returncode == 0
    assert site.serving() == "one"


def test_another_set_is_taken_over_while_serving(site: Site) -> None:
    site.want("one")
    process = site.start()
    site.wait("one")
    site.want("two")
    began = time.monotonic()
    assert site.wait("two", "1").returncode == 0
    assert time.monotonic() - began >= 1, "whom the first one knew is given its time"
    assert site.serving() == "two"
    assert process.poll() is None
    assert sorted(path.name for path in site.state.iterdir()) == ["acknowledged", "serving", "two"]


def test_connections_that_the_set_before_keeps_for_longer_are_waited_for(site: Site) -> None:
    site.want("one", "    keepalive_min_timeout 100ms;\n")
    site.start()
    site.wait("one")
    site.want("two")
    began = time.monotonic()
    assert site.wait("two", "0").returncode == 0
    assert time.monotonic() - began >= 2.1, "what it kept, and two seconds"
    site.want("three")
    began = time.monotonic()
    assert site.wait("three", "1").returncode == 0
    assert time.monotonic() - began >= 1, "the set before keeps nothing, and this one says how long"


@pytest.mark.parametrize("late", ["nginx.conf", "version", "sums"])
def test_a_set_counts_when_it_is_whole(late: str, site: Site) -> None:
    site.want("one")
    site.start()
    site.wait("one")
    site.want("two", "more", late=late)
    time.sleep(1)
    assert site.serving() == "one"
    site.want("two", "more")
    assert site.wait("two").returncode == 0


def test_what_nginx_refuses_leaves_the_last_one_serving_also_after_a_restart(site: Site) -> None:
    site.want("one")
    process = site.start()
    site.wait("one")
    site.want("two", "bogus")
    refused = site.wait("two")
    assert refused.returncode == 1
    assert b'serves by the one before: nginx: [emerg] unknown directive "bogus"' in refused.stderr
    assert site.serving() == "one"
    process.send_signal(signal.SIGQUIT)
    assert process.wait(60) == 0
    site.start()
    until(site.answers)
    assert site.serving() == "one"
    until((site.state / "refused").exists)
    assert (site.state / "refused").read_text().startswith("two ")
    site.want("three")
    assert site.wait("three").returncode == 0


def test_what_is_loaded_and_does_not_answer_is_taken_back(site: Site) -> None:
    site.want("one")
    site.start("5")
    site.wait("one")
    site.want("two", "deaf")
    refused = site.wait("two")
    assert (refused.returncode, b"it was loaded and does not answer" in refused.stderr) == (1, True)
    assert site.serving() == "one"
    assert sorted(path.name for path in site.state.iterdir()) == ["acknowledged", "one", "refused", "serving"]


@pytest.mark.parametrize("trouble", ["busy", "starved"])
def test_what_was_refused_is_tried_again_for_who_waits(trouble: str, site: Site) -> None:
    """The reason may have been the host's: the next run wants the same version, and waits for it anew."""
    site.want("one")
    site.start("5")
    site.wait("one")
    site.want("two", trouble)
    assert site.wait("two").returncode == 1
    assert site.wait("two").returncode == 1, "nothing has changed"
    assert site.serving() == "one"
    site.well()
    assert site.wait("two").returncode == 0
    assert site.serving() == "two"


def test_what_was_refused_then_taken_back_is_judged_anew(site: Site) -> None:
    site.want("one")
    site.start()
    site.wait("one")
    site.want("two", "starved")
    assert site.wait("two").returncode == 1
    site.want("one")
    assert site.wait("one").returncode == 0
    site.well()
    site.want("two", "starved")
    assert site.wait("two").returncode == 0
    assert site.serving() == "two"


def test_the_only_set_there_is_stays_when_it_does_not_answer(site: Site) -> None:
    site.want("one", "busy")
    site.well()
    process = site.start()
    site.wait("one")
    process.send_signal(signal.SIGQUIT)
    process.wait(60)
    site.well(ill=True)
    site.start("5")
    until((site.state / "refused").exists)
    assert (site.state / "serving" / "nginx.conf").exists()
    site.want("two")
    assert site.wait("two").returncode == 0
    assert site.serving() == "two"


def test_a_kill_between_two_sets_leaves_one_that_can_be_left(site: Site) -> None:
    """For a moment the set before serves with the servers of the new one beside its own."""
    site.want("one")
    process = site.start()
    site.wait("one")
    site.want("two")
    until((site.state / "one-and-two" / "nginx.conf").exists)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(60)
    site.want("one")
    site.start()
    until(lambda: site.serves("one"))
    assert (site.state / "serving").readlink() == Path("one")


def test_the_end_of_nginx_is_the_end_of_the_script(site: Site) -> None:
    site.want("one")
    process = site.start()
    site.wait("one")
    subprocess.run(["pkill", "-KILL", "-g", str(process.pid), "-f", "bin/nginx"], check=True)
    assert process.wait(60) == 1


def test_a_stop_is_passed_on(site: Site) -> None:
    site.want("one")
    process = site.start()
    site.wait("one")
    process.send_signal(signal.SIGQUIT)
    assert process.wait(60) == 0
    with pytest.raises(ConnectionRefusedError):
        site.serving()
