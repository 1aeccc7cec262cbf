"""What may be configured of the site's certificate: where it comes from, or who else has it."""

from pydantic import model_validator

from components.model import Model


class TlsFilesConfig(Model):
    """A certificate that somebody else renews: the next `up` takes changed files over while the site serves; in mono they are a new container."""

    certificate: str
    """PEM file, relative to the file that says so (here already absolute): the site's certificate, then those between it and the root."""

    key: str
    """PEM file of its private key, without a passphrase."""


class SelfSignedConfig(Model):
    """A certificate of the stage's own, always the same, that browsers warn of. It names the domains, localhost and 127.0.0.1."""


class ElsewhereConfig(Model):
    """A load balancer before the stage ends TLS: the site is served in plain, to it alone. Let `proxy.ports.address` be one that nobody else reaches, and
    name the balancer in `proxy.trusted_proxies`: apps see how visitors asked, and from where, only then."""


class TlsConfig(Model):
    """Where the certificate comes from."""

    files: TlsFilesConfig | None = None
    """From files. One of `files`, `self_signed` and `elsewhere` has to be there."""

    self_signed: SelfSignedConfig | None = None
    """Derived from the stage's root secret, to try it out: every run says that browsers warn of it."""

    elsewhere: ElsewhereConfig | None = None
    """Nowhere here: who stands before the stage has it. The site's address is https and its domain, where it has one."""

    @model_validator(mode="after")
    def _one_kind(self) -> "TlsConfig":
        if [self.files, self.self_signed, self.elsewhere].count(None) != 2:  # of the three
            raise ValueError("needs exactly one of files, self_signed and elsewhere")
        return self

    @property
    def ends_here(self) -> bool:
        """Whether the proxy itself speaks TLS."""
        return self.elsewhere is None
