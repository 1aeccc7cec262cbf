"""The kinds of TLS: one of them at a time, and which of them are the proxy's own."""

from typing import Any

import pytest
from pydantic import ValidationError

from components.proxy.tls import ElsewhereConfig, SelfSignedConfig, TlsConfig, TlsFilesConfig

FILES = TlsFilesConfig(certificate="a", key="b")
KINDS: dict[str, Any] = {"files": FILES, "self_signed": SelfSignedConfig(), "elsewhere": ElsewhereConfig()}


@pytest.mark.parametrize(("kind", "ends_here"), [("files", True), ("self_signed", True), ("elsewhere", False)])
def test_who_speaks_tls(kind: str, ends_here: bool) -> None:
    assert TlsConfig(**{kind: KINDS[kind]}).ends_here is ends_here


@pytest.mark.parametrize("kinds", [[], ["files", "self_signed"], ["files", "elsewhere"], ["self_signed", "elsewhere"], list(KINDS)])
def test_exactly_one_kind(kinds: list[str]) -> None:
    with pytest.raises(ValidationError, match="needs exactly one of files, self_signed and elsewhere"):
        TlsConfig(**{kind: KINDS[kind] for kind in kinds})
