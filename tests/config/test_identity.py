"""Identity of a dev stage: made once, by one of many, and kept."""

import json
import multiprocessing
import os
import re
import shutil
import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes, hmac

from config import identity
from config.identity import Identity, no_passphrase, own_secrets, path_of
from config.problems import Refused
from tests.config.test_checkpoints import labelled, write


def keep(root: Path, stack: str) -> Identity:
    return identity.keep(root, stack, "shop")


def test_made_once_and_kept(tmp_path: Path) -> None:
    first = keep(tmp_path, "dev")
    assert re.fullmatch("[0-9a-f]{8}", first.instance)
    assert len(first.root_secret) == 32
    assert keep(tmp_path, "dev") == first
    assert keep(tmp_path, "other") != first


def test_nobody_else_may_read_it(tmp_path: Path) -> None:
    keep(tmp_path, "dev")
    assert stat.S_IMODE(path_of(tmp_path, "dev").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / ".berth").stat().st_mode) == 0o700
    assert [path.name for path in (tmp_path / ".berth").iterdir()] == ["dev.json"], "no draft is left"


def _kept(root: Path) -> Identity:
    return keep(root, "dev")


def test_runs_that_start_together_agree(tmp_path: Path) -> None:
    with multiprocessing.get_context("fork").Pool(8) as pool:
        assert len({made.root_secret for made in pool.map(_kept, [tmp_path] * 32, chunksize=1)}) == 1


def test_a_run_that_was_slower_takes_what_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = keep(tmp_path, "dev")
    monkeypatch.setattr(Path, "exists", lambda self: False)
    assert keep(tmp_path, "dev") == first


def test_a_copied_folder_is_refused(tmp_path: Path) -> None:
    original, copy = tmp_path / "original", tmp_path / "copy"
    original.mkdir()
    keep(original, "dev")
    shutil.copytree(original, copy)
    message = (
        f"{copy}/.berth/dev.json: was copied from {original}, and both would run the same containers: "
        f"remove {copy}/.berth/dev.json and {copy}/.pulumi to make this copy a stage of its own"
    )
    with pytest.raises(Refused, match=f"^{re.escape(message)}$"):
        keep(copy, "dev")
    path_of(copy, "dev").unlink()
    assert keep(copy, "dev") != keep(original, "dev")


def test_a_clone_where_a_moved_folder_was_is_another_stage(tmp_path: Path) -> None:
    old = tmp_path / "old"
    old.mkdir()
    first = keep(old, "dev")
    old.rename(tmp_path / "moved")
    old.mkdir()
    second = keep(old, "dev")
    assert keep(tmp_path / "moved", "dev") == first != second
    path_of(old, "dev").write_text("{")
    assert keep(tmp_path / "moved", "dev") == first, "a broken file says nothing about whose it is"


def test_a_moved_folder_is_the_same_stage(tmp_path: Path) -> None:
    original = tmp_path / "original"
    original.mkdir()
    first = keep(original, "dev")
    original.rename(tmp_path / "moved")
    assert keep(tmp_path / "moved", "dev") == first


def test_a_folder_seen_under_another_name_is_the_same(tmp_path: Path) -> None:
    (tmp_path / "original").mkdir()
    first = keep(tmp_path / "original", "dev")
    (tmp_path / "link").symlink_to("original")
    assert keep(tmp_path / "link", "dev") == first


GOOD = {"instance": "0badcafe", "root_secret": "ab" * 32, "project": "/nowhere"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "JSONDecodeError"),
        ("{", "JSONDecodeError"),
        ("[]", "TypeError"),
        ("{}", "KeyError"),
        ("\udcff", "UnicodeDecodeError"),
        (json.dumps(GOOD | {"root_secret": "zz" * 32}), "ValueError"),
        (json.dumps(GOOD | {"root_secret": "abab"}), "ValueError"),
        (json.dumps(GOOD | {"root_secret": 7}), "TypeError"),
        (json.dumps(GOOD | {"instance": ""}), "ValueError"),
        (json.dumps(GOOD | {"instance": "../../x"}), "ValueError"),
        (json.dumps(GOOD | {"project": 7}), "TypeError"),
    ],
)
def test_a_broken_file_is_never_replaced(text: str, reason: str, tmp_path: Path) -> None:
    (tmp_path / ".berth").mkdir()
    path = path_of(tmp_path, "dev")
    path.write_text(text, errors="surrogateescape")
    with pytest.raises(Refused) as refused:
        keep(tmp_path, "dev")
    text_of_it = f"cannot be read ({reason}): restore it from a backup, for the passwords of this stage's data derive from it"
    assert str(refused.value) == f"{path}: {text_of_it}"
    assert refused.value.__suppress_context__, "no traceback, which might show what the file holds"
    assert path.read_text(errors="surrogateescape") == text


def test_an_unreadable_file_is_refused(tmp_path: Path) -> None:
    path_of(tmp_path, "dev").mkdir(parents=True)
    with pytest.raises(Refused, match=r"cannot be read \(IsADirectoryError\)"):
        keep(tmp_path, "dev")


def known(root: Path, instance: str, project: str = "shop") -> None:
    write(root / ".pulumi" / "stacks" / project / "dev.json", labelled(instance))


def test_a_lost_file_is_no_new_stage(tmp_path: Path) -> None:
    known(tmp_path, "0badcafe")
    message = (
        f"{tmp_path}/.berth/dev.json: is gone, but Pulumi's state knows this stage as instance 0badcafe: it would start without its data. "
        "Restore the file of 0badcafe from a backup; or, to begin anew, delete that data with berth erase -s dev"
    )
    with pytest.raises(Refused, match=f"^{re.escape(message)}$"):
        keep(tmp_path, "dev")
    assert not (tmp_path / ".berth").exists()
    assert keep(tmp_path, "other").instance, "another stage has its own"


def test_another_project_may_keep_its_state_here(tmp_path: Path) -> None:
    known(tmp_path, "0badcafe", project="other")
    assert keep(tmp_path, "dev").instance


def test_the_file_of_another_stage_is_refused(tmp_path: Path) -> None:
    own = keep(tmp_path, "dev").instance
    known(tmp_path, own)
    assert keep(tmp_path, "dev").instance == own
    known(tmp_path, "0badcafe")
    with pytest.raises(
        Refused, match=f"says instance {own}, but Pulumi's state knows this stage as instance 0badcafe.*to begin anew, remove this one and delete"
    ):
        keep(tmp_path, "dev")


def test_the_state_is_closed_to_others(tmp_path: Path) -> None:
    state = tmp_path / ".pulumi"
    state.mkdir(mode=0o755)
    keep(tmp_path, "dev")
    assert stat.S_IMODE(state.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, False),
        ({"": ""}, True),
        ({"": "x"}, False),
        ({"_FILE": ""}, False),
        ({"_FILE": "empty"}, True),
        ({"_FILE": "full"}, False),
        ({"_FILE": "missing"}, False),
        ({"": "", "_FILE": "full"}, True),
        ({"": "x", "_FILE": "empty"}, False),
    ],
)
def test_which_passphrase_is_empty(given: dict[str, str], expected: bool, tmp_path: Path) -> None:
    (tmp_path / "empty").write_text(" \n")
    (tmp_path / "full").write_text("x\n")
    environment = {f"PULUMI_CONFIG_PASSPHRASE{name}": value for name, value in given.items()}
    assert no_passphrase(environment, tmp_path) is expected


@pytest.mark.parametrize(("provider", "expected"), [(None, False), ("", False), ("passphrase", False), ("awskms://x", True)])
def test_who_keeps_the_key(provider: str | None, expected: bool) -> None:
    assert own_secrets({"secretsprovider": provider}) is expected
    assert not own_secrets({})


ROOT = Identity(instance="0badcafe", root_secret=bytes(range(32)))


def hkdf(secret: bytes, info: bytes, size: int) -> bytes:
    """HKDF with SHA-256 and no salt, as RFC 5869 writes it down."""

    def mac(key: bytes, data: bytes) -> bytes:
        digest = hmac.HMAC(key, hashes.SHA256())
        digest.update(data)
        return digest.finalize()

    key, block, made = mac(bytes(32), secret), b"", b""
    for counter in range(1, -(-size // 32) + 1):
        block = mac(key, block + info + bytes([counter]))
        made += block
    return made[:size]


def test_the_reading_of_the_rfc_is_right() -> None:
    """RFC 5869, A.3."""
    assert hkdf(b"\x0b" * 22, b"", 42).hex() == "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"


@pytest.mark.parametrize(("name", "size", "rotation"), [("services/db", 24, 0), ("services/db", 24, 3), ("secrets/key", 100, 0)])
def test_derive_is_hkdf(name: str, size: int, rotation: int) -> None:
    assert ROOT.derive(name, size, rotation) == hkdf(ROOT.root_secret, f"berth/1/{name}/{rotation}".encode(), size)


def test_known_answer() -> None:
    """What a stage has once derived, it derives for ever: a change here loses the passwords of every stage."""
    assert ROOT.password("services/db") == "EdVcV2HsLRxfRWxD0gE1d94C0FYaLUcd"


def test_every_name_rotation_and_root_has_its_own() -> None:
    other = Identity(instance="0badcafe", root_secret=bytes(32))
    made = [ROOT.password("a"), ROOT.password("b"), ROOT.password("a", rotation=1), other.password("a")]
    assert len(set(made)) == len(made)


@pytest.mark.parametrize(("size", "length"), [(16, 22), (24, 32), (32, 43), (128, 171)])
def test_passwords_need_no_quoting_anywhere(size: int, length: int) -> None:
    assert re.fullmatch(f"[A-Za-z0-9_-]{{{length}}}", ROOT.password("a", size))


def test_where_it_is() -> None:
    assert path_of(Path("/project"), "dev") == Path("/project/.berth/dev.json")
    assert identity.ROOT_BYTES == 32
    assert os.sep not in identity.FOLDER


SALT = "v1:eUGvcga22fc=:v1:LQqO9etsKqHJNze6:dgkMfJW62iMeEYM85FklpUvfxhcWEw=="
"""As Pulumi wrote it for the empty passphrase."""


@pytest.mark.parametrize(
    ("salt", "passphrase", "right"),
    [
        (SALT, "", True),
        (SALT, "another", False),
        (SALT.replace("v1:e", "v2:e"), "", False),
        ("", "", False),
        ("v1:x:v1:y:z", "", False),
        (SALT[:-8], "", False),
    ],
    ids=["right", "wrong", "another version", "none", "no base64", "cut off"],
)
def test_whether_a_passphrase_opens_a_stage(salt: str, passphrase: str, right: bool) -> None:
    assert identity.opens(salt, passphrase) is right
