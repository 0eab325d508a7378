"""Certificates made when needed, by trustme: good ones; those for each way to be wrong are in `bad_certificates`.

EC keys, since an RSA key takes half a second. The lab's authority lives as long as the process; its
file, which clients are pointed at, exists while somebody holds it.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import os
import ssl
import threading
import warnings
from typing import TYPE_CHECKING

from .keylog import keep_secrets
from .options import HOSTNAME
from .own_files import make_own_file, own_folder, own_name, remove_left
from .tls import attach_reports

if TYPE_CHECKING:
    import trustme

NAMES = ("localhost", HOSTNAME, "127.0.0.1", "::1")
FAULTS = ("self-signed", "unknown-ca", "wrong-name", "expired", "incomplete-chain")

_VERSIONS = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}
_LOCK = threading.RLock()


@functools.cache
def _make_authority() -> trustme.CA:
    return new_authority("smtplab")


def new_authority(name: str) -> trustme.CA:
    """An authority with a name of its own; its keys, and those that it issues, are EC by trustme's default."""
    import trustme  # here, since a client alone has no use for it
    return trustme.CA(organization_name=name, key_type=trustme.KeyType.ECDSA)


def authority() -> trustme.CA:
    """The lab's own."""
    with _LOCK:  # the cache alone lets two threads make two
        return _make_authority()


class AuthorityFile:
    """The authority's certificate as a PEM file; the last of several holders removes it, or the process's end.

    What a killed process left goes when the next one makes its own."""

    _holders, _path, _handle = 0, "", -1

    @classmethod
    def hold(cls) -> str:
        """Its path. Each `hold` needs one `release`."""
        with _LOCK:
            if not cls._holders:
                pem = authority().cert_pem.bytes()
                # Named before it is made, so that an interrupt between the two leaves nothing that `remove` can't find.
                remove_left()
                cls._path = own_name("ca")
                cls._handle = make_own_file(cls._path)
                os.write(cls._handle, pem)
            cls._holders += 1
            return cls._path

    @classmethod
    def release(cls) -> None:
        """Let go of the path."""
        with _LOCK:
            cls._holders -= 1
            if not cls._holders:
                cls.remove()

    @classmethod
    def remove(cls) -> None:
        """Remove the file, whoever holds it; nothing if there is none."""
        path, handle, cls._path, cls._handle = cls._path, cls._handle, "", -1
        if handle >= 0:
            os.close(handle)
        if path:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path)


atexit.register(AuthorityFile.remove)


def names_for(hostname: str | None) -> tuple[str, ...]:
    """The names in a certificate of a server that calls itself so."""
    return NAMES if hostname is None else (hostname, *(name for name in NAMES if name != HOSTNAME))


def server_context(pem: trustme.Blob | None = None, *, tls_version: str | None = None,
                   hostname: str | None = None, host: str = "127.0.0.1") -> ssl.SSLContext:
    """A server's context: with a good certificate, or with the key and certificates in `pem`.

    `tls_version` "1.2" or "1.3" allows only that one; "old" only 1.0 and 1.1. With `hostname` the certificate is
    for that name first. It also holds the address by which others reach a server that listens on `host`.
    """
    if tls_version not in (None, "old", *_VERSIONS):
        raise ValueError(f"no tls_version {tls_version!r}; there are {', '.join(_VERSIONS)}")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    names = names_for(hostname)
    if host not in names:
        from .reach import names_by_which  # here, as most listen on loopback
        names += names_by_which(host)
    pem = pem or authority().issue_cert(*names, common_name=names[0]).private_key_and_cert_chain_pem
    with own_folder() as folder:  # Python takes certificates and keys from files alone
        pem.write_to_path(str(folder / "pem"))
        context.load_cert_chain(folder / "pem")
    if tls_version == "old":
        with warnings.catch_warnings():  # deprecated is the very point
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
    elif tls_version:
        context.minimum_version = context.maximum_version = _VERSIONS[tls_version]
    return keep_secrets(attach_reports(context))


def client_context(ca_file: str | None, *, verify: bool = True, shared: bool = False) -> ssl.SSLContext:
    """A client's context: TLS 1.2 at least, the given authority alone, or the system's where there is none.

    `shared`: it may be one that others use too; reading the system's authorities takes longer than a handshake.
    Raises ValueError, which names the file, if it holds no certificates."""
    if shared and ca_file is None:
        where = tuple(os.environ.get(name) for name in ("SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE"))
        return _system_context(verify, where)
    return _client_context(ca_file, verify)


@functools.lru_cache(maxsize=4)
def _system_context(verify: bool, _where: tuple[str | None, ...]) -> ssl.SSLContext:
    return _client_context(None, verify)


def _client_context(ca_file: str | None, verify: bool) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=ca_file)
    except OSError as exc:  # ssl.SSLError is one
        raise ValueError(f"no certificates could be read from {ca_file}: {exc.strerror or exc}") from exc
    # Python's own default, but for builds that take the system's: what is seen must not depend on that.
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if not verify:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return attach_reports(context)
