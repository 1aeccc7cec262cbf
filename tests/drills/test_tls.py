"""TLS as an outside checker sees it, and a certificate that nginx refuses: only nginx knows what its library takes."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.drills.figures import Drill, Figure, record
from tests.drills.load import load
from tests.drills.stages import CLIENTS, HOST, Site, counted
from tests.engine.project import CHECKOUT

REQUIREMENTS = Path(__file__).with_name("sslyze.txt")
"""sslyze wants an older `cryptography` than berth has, so it has an environment of its own."""


@pytest.fixture(scope="module")
def sslyze() -> Path:
    """The checker, installed once."""
    home = CHECKOUT / ".berth" / "sslyze"
    done = home / "requirements.txt"
    if not done.exists() or done.read_text() != REQUIREMENTS.read_text():
        subprocess.run([sys.executable, "-m", "venv", "--clear", home], check=True)
        subprocess.run([home / "bin" / "pip", "install", "-q", "--require-hashes", "-r", REQUIREMENTS], check=True)
        done.write_text(REQUIREMENTS.read_text())
    return home / "bin" / "sslyze"


def test_tls_is_the_intermediate_profile(site: Site, sslyze: Path, tmp_path: Path) -> None:
    found, authority = tmp_path / "found.json", tmp_path / "authority.pem"
    authority.write_text(site.authority.certificate)
    command = [
        str(sslyze),
        "--mozilla_config=intermediate",
        "--heartbleed",
        "--robot",
        "--reneg",
        "--compression",
        "--openssl_ccs",
        f"--certinfo_ca_file={authority}",
        f"--json_out={found}",
    ]
    done = subprocess.run([*command, f"--sni={HOST}", f"127.0.0.1:{site.https}"], capture_output=True, text=True, timeout=300, check=False)
    verdict = done.stdout.partition("COMPLIANCE AGAINST")[2]
    scanned = json.loads(found.read_text())["server_scan_results"][0]["scan_result"]
    wrong = sorted(name for name, one in scanned.items() if one and one["status"] == "ERROR")
    holes = [
        scanned["heartbleed"]["result"]["is_vulnerable_to_heartbleed"],
        scanned["openssl_ccs_injection"]["result"]["is_vulnerable_to_ccs_injection"],
        scanned["session_renegotiation"]["result"]["is_vulnerable_to_client_renegotiation_dos"],
        scanned["tls_compression"]["result"]["supports_compression"],
        not scanned["robot"]["result"]["robot_result"].startswith("NOT_VULNERABLE"),
    ]
    record(
        Figure(
            drill=Drill.TLS,
            load=f"a scan by sslyze {version(sslyze)}, told to trust the authority of the certificate (90 days, P-256)",
            goal="Mozilla's intermediate profile; no Heartbleed, CCS injection, renegotiation, compression, ROBOT",
            measured=f"{'compliant' if done.returncode == 0 else 'not compliant'}; {sum(holes)} of {len(holes)} holes",
            met=done.returncode == 0 and not any(holes) and not wrong,
        ),
        verdict,
        *wrong,
    )


def version(sslyze: Path) -> str:
    said = subprocess.run([sslyze, "--help"], capture_output=True, text=True, check=True).stdout
    return said.partition("SSLyze version ")[2].split()[0]


def test_a_configuration_that_nginx_refuses_costs_no_request(site: Site) -> None:
    proxy, good = site.project.one("proxy").id, site.certificate
    with load(site.https, CLIENTS, seed=8, tls=site.authority.trusted()) as tally:
        site.give(site.authority.certify(HOST, rsa.generate_private_key(65537, 1024)))
        said = site.project.berth("up", fails=True)
        during = site.served()
        site.give(good)
        site.project.berth("up")
    assert "key too small" in said
    ids = site.journal()
    record(
        Figure(
            drill=Drill.BROKEN_PROXY,
            load=f"a certificate whose key of 1024 bits nginx refuses, then the good one again; {CLIENTS}, by TLS",
            goal="`up` fails with nginx's words; 0 requests failed, lost or doubled; the certificate before is served",
            measured=f"`up` failed; {'the certificate before was served' if during == good.chain else 'another certificate was served'}; {counted(tally, ids)}",
            met=during == good.chain and not tally.failed and tally.journal(ids) == (0, 0),
        ),
        *site.complaints()[-40:],
    )
    assert site.project.one("proxy").id == proxy, "the proxy was never replaced"
