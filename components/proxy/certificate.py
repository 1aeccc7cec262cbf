"""Certificates: one that a stage derives for itself, and what is wrong with one that it was given."""

import datetime as dt
import hashlib
import ipaddress
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat, load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Order of the curve P-256 (FIPS 186-4, D.1.2.3)."""
MATERIAL_BYTES = 48
"""Bytes that a private key derives from: 16 more than it has, so that no key is more likely than another."""
LOCAL = ("localhost", "127.0.0.1")
SINCE, UNTIL = dt.datetime(2025, 1, 1, tzinfo=dt.UTC), dt.datetime(2054, 12, 31, tzinfo=dt.UTC)


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """A certificate with the chain above it, and its private key, both as PEM."""

    chain: str
    key: str = field(repr=False)


def self_signed(hosts: Iterable[str], material: bytes) -> Certificate:
    """Make a certificate for hosts, localhost and 127.0.0.1: for the same hosts and material the same, byte for byte. It cannot sign others."""
    key = ec.derive_private_key(int.from_bytes(material) % (P256_ORDER - 1) + 1, ec.SECP256R1())
    names = list(dict.fromkeys((*hosts, *LOCAL)))
    subject = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "berth"), x509.NameAttribute(NameOID.COMMON_NAME, names[0][:64])])
    usage = x509.KeyUsage(True, False, False, False, False, False, False, False, False)
    builder = x509.CertificateBuilder(subject, subject, key.public_key(), _serial(names, material), SINCE, UNTIL)
    for extension, critical in (
        (x509.SubjectAlternativeName([_general_name(name) for name in names]), False),
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (usage, True),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
        (x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False),
    ):
        builder = builder.add_extension(extension, critical)
    signed = builder.sign(key, SHA256(), ecdsa_deterministic=True)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return Certificate(chain=signed.public_bytes(Encoding.PEM).decode(), key=private.decode())


def _serial(names: list[str], material: bytes) -> int:
    """A number of its own for every content (RFC 5280, 4.1.2.2: positive, at most 20 bytes)."""
    digest = hashlib.sha256(material + "\n".join(names).encode()).digest()
    return int.from_bytes(digest[:19]) | 1


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def problems(given: Certificate, hosts: Iterable[str], now: dt.datetime) -> Iterator[tuple[str, str]]:
    """What keeps browsers from a site with this certificate: which of `certificate` and `key` it is, and what to change. No text holds any of the key."""
    certificate = _certificate(given)
    if certificate is None:
        yield "certificate", "is no certificate: it has to be PEM, the site's own certificate first"
        return
    if now > certificate.not_valid_after_utc:
        yield "certificate", f"has expired on {certificate.not_valid_after_utc:%Y-%m-%d}: renew it"
    if now < certificate.not_valid_before_utc:
        yield "certificate", f"is valid only from {certificate.not_valid_before_utc:%Y-%m-%d} on: look at this machine's clock, or give another"
    covered = _names(certificate)
    missing = [host for host in hosts if not any(_covers(name, host) for name in covered)]
    if missing:
        yield "certificate", f"is not for {', '.join(missing)}, but for {', '.join(sorted(covered)) or 'no host'}: give one for every host of the site"
    yield from _key_problems(given, certificate)


def _key_problems(given: Certificate, certificate: x509.Certificate) -> Iterator[tuple[str, str]]:
    try:
        key = load_pem_private_key(given.key.encode(), None)
    except TypeError:
        yield "key", "has a passphrase, which nobody could type at the start: write it without (openssl pkey -in OLD -out NEW)"
        return
    except (ValueError, UnsupportedAlgorithm):
        yield "key", "is no private key: it has to be PEM"
        return
    form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if key.public_key().public_bytes(*form) != certificate.public_key().public_bytes(*form):
        yield "key", "belongs to another certificate: give the key that this one was made with"


def _certificate(given: Certificate) -> x509.Certificate | None:
    try:
        return x509.load_pem_x509_certificates(given.chain.encode())[0]
    except ValueError:
        return None


def holds_certificate(text: str) -> bool:
    """Whether a text is PEM with a certificate in it."""
    return _certificate(Certificate(chain=text, key="")) is not None


def _names(certificate: x509.Certificate) -> set[str]:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return set()
    return {*names.get_values_for_type(x509.DNSName), *map(str, names.get_values_for_type(x509.IPAddress))}


def _covers(name: str, host: str) -> bool:
    """Whether a name in a certificate, `*.demo.example` perhaps, stands for a host: the star is one label (RFC 6125, 6.4.3)."""
    name = name.lower()
    return name == host or (name.startswith("*.") and "." in host and name[1:] == host[host.index(".") :])


def expires(given: Certificate) -> dt.datetime:
    """When a certificate without problems expires."""
    return x509.load_pem_x509_certificates(given.chain.encode())[0].not_valid_after_utc


def days_left(given: Certificate, now: dt.datetime) -> int:
    """Days until then."""
    return (expires(given) - now).days
