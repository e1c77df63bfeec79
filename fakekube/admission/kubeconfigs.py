"""Kubeconfig files as the API server itself reads them, to reach backends that plugins ask."""

from __future__ import annotations

import ssl
import tempfile
from base64 import b64decode
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fakekube.machinery.objects import Object


@dataclass(frozen=True, slots=True)
class Access:
    """A server, and how to prove who asks. Certificates and keys are PEM."""

    server: str
    authority: bytes = b""
    insecure: bool = False
    certificate: bytes = b""
    key: bytes = b""
    token: str = ""
    username: str = ""
    password: str = ""

    def context(self) -> ssl.SSLContext:
        """TLS as the file asks for it. Raises ValueError for a bad certificate."""
        try:
            context = ssl.create_default_context(cadata=self.authority.decode("ascii", "replace") or None)
            if self.insecure:
                context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            if self.certificate:
                self._identify(context)
        except ssl.SSLError as error:
            raise ValueError(f"bad certificate or key for {self.server}: {error}") from None
        return context

    def _identify(self, context: ssl.SSLContext) -> None:
        with tempfile.NamedTemporaryFile() as file:  # Python loads keys from files alone; only the owner reads this one
            file.write(self.key + b"\n" + self.certificate)
            file.flush()
            context.load_cert_chain(file.name)


def read(path: Path) -> Access:
    """The access that the file's current context means. Raises ValueError."""
    import yaml

    try:
        document = yaml.safe_load(path.read_text())
    except (OSError, yaml.YAMLError) as error:
        raise ValueError(f"unable to read kubeconfig {path}: {error}") from None
    if not isinstance(document, dict):
        raise ValueError(f"unable to read kubeconfig {path}: not a mapping")
    return access_of(document, path.parent)


def access_of(document: Object, folder: Path) -> Access:
    """The access that a kubeconfig document means; relative files are in the folder. Raises ValueError."""
    context = _named(document, "contexts", "context", document.get("current-context") or "")
    cluster = _named(document, "clusters", "cluster", context.get("cluster") or "")
    user = _named(document, "users", "user", context.get("user") or "")
    if not cluster.get("server"):
        raise ValueError("invalid configuration: no server found")
    return Access(
        server=cluster["server"],
        authority=_data(cluster, "certificate-authority", folder),
        insecure=bool(cluster.get("insecure-skip-tls-verify")),
        certificate=_data(user, "client-certificate", folder),
        key=_data(user, "client-key", folder),
        token=user.get("token") or "",
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
    if not (name := holder.get(field)):
        return b""
    try:
        return Path(folder / name).read_bytes()
    except OSError as error:
        raise ValueError(f"unable to read {field} {name}: {error.strerror}") from None
