"""Uploads: safe names, complete files, nothing replaced."""

import io
import os
from pathlib import Path

import pytest
from demo.uploads import NAME_MAX_BYTES, SIZE_MAX, BadName, TooLarge, Uploads, safe_name
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("report.pdf", "report.pdf"),
        ("../../etc/passwd", "passwd"),
        (r"C:\Users\me\notes (1).txt", "notes (1).txt"),
        (".bashrc", "bashrc"),
        ("a\0b\n.txt", "a_b_.txt"),
        ('<img src="x">.svg', "_img src=_x__.svg".replace("=", "_")),
        ("Grüße.txt", "Grüße.txt"),
        ("Gru\u0308ße.txt", "Grüße.txt"),
        ("\u202egpj.exe", "_gpj.exe"),
    ],
)
def test_safe_name(name: str, safe: str) -> None:
    assert safe_name(name) == safe


@pytest.mark.parametrize("name", ["", ".", "..", "...", "a/", "///", "\0", "_", " . "])
def test_refuses_a_name_of_which_nothing_is_left(name: str) -> None:
    with pytest.raises(BadName, match="the file needs a name"):
        safe_name(name)


def test_a_long_name_keeps_its_ending() -> None:
    assert len(safe_name("x" * 300 + ".tar").encode()) == NAME_MAX_BYTES
    assert safe_name("ü" * 300 + ".pdf").endswith("ü.pdf")


@given(st.text(st.characters(codec=None)))
def test_any_name_is_safe_twice_or_refused(name: str) -> None:
    try:
        safe = safe_name(name)
    except BadName:
        return
    assert safe
    assert safe == safe_name(safe)
    assert safe == os.path.basename(safe)
    assert not safe.startswith(".")
    assert len(safe.encode()) <= NAME_MAX_BYTES
    assert safe.isprintable()


def test_keeps_what_is_there(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path)
    names = [uploads.save("a.txt", io.BytesIO(content)).name for content in (b"1", b"22", b"333")]
    assert names == ["a.txt", "a-2.txt", "a-3.txt"]
    assert (tmp_path / "a-2.txt").read_bytes() == b"22"
    assert {upload.name: upload.size for upload in uploads.newest()} == {"a.txt": 1, "a-2.txt": 2, "a-3.txt": 3}


def test_a_file_as_large_as_allowed_and_one_byte_more(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path)
    assert uploads.save("a", io.BytesIO(bytes(SIZE_MAX))).size == SIZE_MAX
    with pytest.raises(TooLarge, match="the file is larger than 10 MiB"):
        uploads.save("b", io.BytesIO(bytes(SIZE_MAX + 1)))
    assert os.listdir(tmp_path) == ["a"]


def test_finds_uploads_only(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a")
    (tmp_path / ".part").write_text("hidden")
    (tmp_path / "link").symlink_to("/etc/passwd")
    (tmp_path / "folder").mkdir()
    uploads = Uploads(tmp_path)
    assert uploads.find("a.txt") == tmp_path / "a.txt"
    assert [uploads.find(name) for name in (".part", "link", "folder", "..", "../a.txt", "no", "x" * 300, "a\0")] == [None] * 8
    assert [upload.name for upload in uploads.newest()] == ["a.txt"]


def test_says_what_is_wrong_with_the_folder(tmp_path: Path) -> None:
    assert Uploads(tmp_path).problem() is None
    assert Uploads(tmp_path / "no").problem() == f"{tmp_path}/no is not a folder"
