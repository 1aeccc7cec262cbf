"""Certificates as an authority would give them, good and bad."""

import ssl
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from components.proxy.certificate import Certificate

DAYS = 90
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def named(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


@dataclass(frozen=True)
class Authority:
    """Trusted by those who are told to."""

    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    @property
    def certificate(self) -> str:
        """Its own, PEM."""
        usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
        builder = self._builder("authority of the drills", self.key).add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        return self._signed(builder.add_extension(usage, critical=True))

    def trusted(self) -> ssl.SSLContext:
        """What a client needs who trusts nobody else, and asks for the host by its address."""
        context = ssl.create_default_context(cadata=self.certificate)
        context.check_hostname = False
        return context

    def certify(self, host: str, key: Key) -> Certificate:
        """One for a host, valid for 90 days."""
        builder = self._builder(host, key).add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        chain = self._signed(builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False))
        return Certificate(chain=chain, key=key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode())

    def _builder(self, subject: str, key: Key) -> x509.CertificateBuilder:
        since = datetime.now(UTC) - timedelta(hours=1)
        issuer, number = named("authority of the drills"), x509.random_serial_number()
        builder = x509.CertificateBuilder(issuer, named(subject), key.public_key(), number, since, since + timedelta(days=DAYS))
        return builder.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False).add_extension(
            x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False
        )

    def _signed(self, builder: x509.CertificateBuilder) -> str:
        return builder.sign(self.key, SHA256()).public_bytes(Encoding.PEM).decode()
