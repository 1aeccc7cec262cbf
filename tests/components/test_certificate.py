"""Certificates: the stage's own is the same every time and serves TLS; a wrong one that is given is found out."""

import datetime as dt
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from components.proxy.certificate import MATERIAL_BYTES, P256_ORDER, Certificate, days_left, problems, self_signed

MATERIAL = bytes(range(MATERIAL_BYTES))
NOW = dt.datetime(2030, 1, 1, tzinfo=dt.UTC)
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def given(*names: str, days: tuple[int, int] = (-1, 90), key: Key | None = None, other: Key | None = None, passphrase: bytes = b"") -> Certificate:
    """A certificate as an authority would make it, valid from some days after NOW to others."""
    own = key or ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "x")])
    since, until = (NOW + dt.timedelta(days=day) for day in days)
    builder = x509.CertificateBuilder(subject, subject, own.public_key(), 1, since, until)
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False)
    chain = builder.sign(own, SHA256()).public_bytes(Encoding.PEM).decode()
    encryption = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
    return Certificate(chain=chain, key=(other or own).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption).decode())


def test_the_stages_own_is_always_the_same() -> None:
    assert self_signed(["a.example"], MATERIAL) == self_signed(["a.example"], MATERIAL)
    others = [self_signed(["a.example"], MATERIAL[::-1]), self_signed(["b.example"], MATERIAL)]
    assert len({self_signed(["a.example"], MATERIAL).chain, *(other.chain for other in others)}) == 3
    serials = {x509.load_pem_x509_certificate(one.chain.encode()).serial_number for one in others}
    assert len(serials) == 2


@pytest.mark.parametrize("material", [b"\0" * MATERIAL_BYTES, b"\xff" * MATERIAL_BYTES, (P256_ORDER - 1).to_bytes(MATERIAL_BYTES)])
def test_every_material_makes_a_key(material: bytes) -> None:
    assert list(problems(self_signed([], material), ["localhost", "127.0.0.1"], NOW)) == []


def test_what_the_stages_own_says() -> None:
    made = x509.load_pem_x509_certificate(self_signed(["a.example", "10.0.0.1"], MATERIAL).chain.encode())
    names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["a.example", "localhost"]
    assert [str(address) for address in names.get_values_for_type(x509.IPAddress)] == ["10.0.0.1", "127.0.0.1"]
    assert not made.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert (made.not_valid_before_utc.year, made.not_valid_after_utc.year) == (2025, 2054)


def test_openssl_takes_it(tmp_path: Path) -> None:
    made = self_signed(["a" * 63 + ".example"], MATERIAL)
    (tmp_path / "crt").write_text(made.chain)
    (tmp_path / "key").write_text(made.key)
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(tmp_path / "crt", tmp_path / "key")


def test_its_key_is_not_shown() -> None:
    made = self_signed([], MATERIAL)
    assert "PRIVATE" in made.key
    assert "PRIVATE" not in repr(made)


@pytest.mark.parametrize("host", ["a.example", "x.b.example", "localhost"])
def test_one_that_is_right(host: str) -> None:
    assert list(problems(given("A.example", "*.b.example", "localhost"), [host], NOW)) == []
    key = rsa.generate_private_key(65537, 2048)
    assert list(problems(given(host, key=key), [host], NOW)) == []


WRONG = {
    "no PEM": (Certificate(chain="x", key="x"), "certificate", "is no certificate: it has to be PEM, the site's own certificate first"),
    "expired": (given("a.example", days=(-9, -1)), "certificate", "has expired on 2029-12-31: renew it"),
    "not yet": (given("a.example", days=(1, 9)), "certificate", "is valid only from 2030-01-02 on: look at this machine's clock, or give another"),
    "other host": (given("b.example"), "certificate", "is not for a.example, but for b.example: give one for every host of the site"),
    "no host": (given(), "certificate", "is not for a.example, but for no host: give one for every host of the site"),
    "two labels": (given("*.example", "*.a.example"), None, None),
    "star too high": (given("*"), "certificate", "is not for a.example, but for *: give one for every host of the site"),
    "other key": (
        given("a.example", other=ec.generate_private_key(ec.SECP256R1())),
        "key",
        "belongs to another certificate: give the key that this one was made with",
    ),
    "no key": (Certificate(chain=given("a.example").chain, key="x"), "key", "is no private key: it has to be PEM"),
    "passphrase": (
        given("a.example", passphrase=b"x"),
        "key",
        "has a passphrase, which nobody could type at the start: write it without (openssl pkey -in OLD -out NEW)",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_one_that_is_wrong(name: str) -> None:
    certificate, field, text = WRONG[name]
    assert list(problems(certificate, ["a.example"], NOW)) == ([(field, text)] if field else [])


def test_a_star_is_one_label() -> None:
    assert list(problems(given("*.example"), ["x.a.example"], NOW))


@pytest.mark.parametrize(("until", "left"), [(29, 29), (90, 90)])
def test_days_left(until: int, left: int) -> None:
    assert days_left(given("a.example", days=(-1, until)), NOW) == left
