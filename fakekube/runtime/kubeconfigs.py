"""Kubeconfig files as the API server itself reads them, to reach backends that plugins ask."""

from __future__ import annotations

import ssl
import tempfile
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any

from msgspec import Struct

from fakekube.machinery.goformat import quote
from fakekube.machinery.objects import Object

UNCONFIGURED = (
    "invalid configuration: no configuration has been provided, try setting KUBERNETES_MASTER environment variable"
)


class Credentials(Struct, frozen=True):
    """How to prove who asks. Certificate and key are PEM."""

    certificate: bytes = b""
    key: bytes = b""
    token: str = ""
    username: str = ""
    password: str = ""

    @property
    def headers(self) -> dict[str, str]:
        """The Authorization header, if there is anything to say in it."""
        if self.token:
            return {"Authorization": f"Bearer {self.token}"}
        if self.username:
            pair = b64encode(f"{self.username}:{self.password}".encode()).decode()
            return {"Authorization": f"Basic {pair}"}
        return {}

    def identify(self, context: ssl.SSLContext) -> None:
        """Let a TLS context show the certificate, if there is one. Raises ValueError."""
        if not self.certificate:
            return
        with tempfile.NamedTemporaryFile() as file:  # Python loads keys from files alone; only the owner reads this one
            file.write(self.key + b"\n" + self.certificate)
            file.flush()
            try:
                context.load_cert_chain(file.name)
            except ssl.SSLError as error:
                raise ValueError(f"bad client certificate or key: {error}") from None


class Access(Struct, frozen=True):
    """A server, and how to reach it."""

    server: str
    authority: bytes = b""
    insecure: bool = False
    user: Credentials = Credentials()

    def context(self) -> ssl.SSLContext:
        """TLS as the file asks for it. Raises ValueError for a bad certificate."""
        try:
            context = ssl.create_default_context(cadata=self.authority.decode("ascii", "replace") or None)
        except ssl.SSLError as error:
            raise ValueError(f"bad certificate authority for {self.server}: {error}") from None
        if self.insecure:
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        self.user.identify(context)
        return context


def read(path: Path) -> Access:
    """The access that the file's current context means. Raises ValueError."""
    return access_of(load(path), path.parent)


def load(path: Path) -> Object:
    """The document. Raises ValueError."""
    import yaml

    try:
        document: Any = yaml.safe_load(path.read_text()) or {}
    except OSError as error:
        raise ValueError(f"stat {path}: {(error.strerror or str(error)).lower()}") from None
    except yaml.YAMLError as error:
        raise ValueError(f"error loading config file {quote(str(path))}: {error}") from None
    if not isinstance(document, dict):
        raise ValueError(f"error loading config file {quote(str(path))}: it is no mapping")
    return document


def access_of(document: Object, folder: Path) -> Access:
    """The access that a kubeconfig document means; relative files are in the folder. Raises ValueError."""
    if not any(document.get(name) for name in ("clusters", "contexts", "users")):
        raise ValueError(UNCONFIGURED)
    context = _named(document, "contexts", "context", document.get("current-context") or "")
    cluster = _named(document, "clusters", "cluster", context.get("cluster") or "")
    user = _named(document, "users", "user", context.get("user") or "")
    if not cluster.get("server"):
        raise ValueError("invalid configuration: no server found")
    return Access(
        server=cluster["server"],
        authority=_data(cluster, "certificate-authority", folder),
        insecure=bool(cluster.get("insecure-skip-tls-verify")),
        user=_credentials(user, folder),
    )


class Users:
    """Whose credentials are shown to whom: the users of a kubeconfig are named after servers.

    Follows defaultAuthenticationInfoResolver of apiserver's util/webhook.
    """

    def __init__(self, document: Object, folder: Path) -> None:
        self._users = {
            one.get("name"): _credentials(one.get("user") or {}, folder) for one in document.get("users") or ()
        }
        name = document.get("current-context")
        contexts = document.get("contexts") or ()
        current = next((one.get("context") or {} for one in contexts if name and one.get("name") == name), {})
        self._default = self._users.get(current.get("user"), Credentials())

    def of(self, host: str, port: int) -> Credentials:
        """The user "HOST:PORT", "*.DOMAIN:PORT", for port 443 also without it, "*", or the current context's."""
        targets = [f"{host}:{port}", *([host] if port == 443 else ())]
        for name in (*(name for target in targets for name in _wider(target)), "*"):
            if (found := self._users.get(name)) is not None:
                return found
        return self._default


def _wider(target: str) -> list[str]:
    """The name, then with a star for its first label, for its first two…"""
    labels = target.split(".")
    return [target, *(f"*.{'.'.join(labels[index:])}" for index in range(1, len(labels)))]


def _credentials(user: Object, folder: Path) -> Credentials:
    """Raises ValueError for a file that cannot be read."""
    token = user.get("token") or ""
    if not token and user.get("tokenFile"):
        token = _file(folder / user["tokenFile"]).decode().strip()
    return Credentials(
        certificate=_data(user, "client-certificate", folder),
        key=_data(user, "client-key", folder),
        token=token,
        username=user.get("username") or "",
        password=user.get("password") or "",
    )


def _named(document: Object, plural: str, singular: str, name: str) -> Object:
    """The entry of that name; of several the first, where no name is given."""
    entries: list[Any] = document.get(plural) or []
    for entry in entries:
        if not name or entry.get("name") == name:
            found: Object = entry.get(singular) or {}
            return found
    return {}


def _data(holder: Object, field: str, folder: Path) -> bytes:
    """The content of "FIELD-data", or of the file that FIELD names."""
    if text := holder.get(f"{field}-data"):
        return b64decode(text)
    name = holder.get(field)
    return _file(folder / name) if name else b""


def _file(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ValueError(f"unable to read {path}: {error.strerror}") from None
