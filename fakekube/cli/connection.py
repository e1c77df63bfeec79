"""Requests to whatever cluster the current kubeconfig names, with the credentials that it holds.

Understands what kubeadm, minikube and fakekube write: authorities, client certificates, tokens, basic authentication.
Plugins (exec, auth-provider) are not run.
"""

from __future__ import annotations

import base64
import json
import os
import ssl
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from http.client import HTTPException, HTTPSConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct

from fakekube.machinery.objects import Object

DEFAULT = Path("~/.kube/config")
TIMEOUT = 30.0


class ConnectionProblem(Exception):
    """No request could be made, or no cluster answered; the text says why."""


class Impersonation(Struct, frozen=True):
    """As whom requests are made; nobody in particular while `user` is ""."""

    user: str = ""
    groups: tuple[str, ...] = ()

    def headers(self) -> list[tuple[str, str]]:
        """What tells the server so."""
        if not self.user:
            return []
        return [("Impersonate-User", self.user), *(("Impersonate-Group", group) for group in self.groups)]


NOBODY = Impersonation()


class Connection:
    """One context of a kubeconfig."""

    def __init__(self, cluster: Object, user: Object, namespace: str = "default") -> None:
        """Of the entries' bodies, paths in them absolute. Raises ConnectionProblem."""
        self.namespace = namespace
        self.cluster = _portable(cluster)
        """The kubeconfig's entry of the cluster, with whatever it keeps in files."""
        self._url = urlsplit(str(cluster.get("server", "")).rstrip("/"))
        if self._url.scheme != "https" or not self._url.netloc:
            raise ConnectionProblem(f'the kubeconfig\'s server "{self._url.geturl()}" is no https:// address')
        if "exec" in user or "auth-provider" in user:
            raise ConnectionProblem("the kubeconfig's user logs in with a plugin, which this command does not run")
        self._context = _tls(cluster, user)
        self._authorization = _authorization(user)

    def request(
        self, method: str, path: str, body: Object | None = None, who: Impersonation = NOBODY
    ) -> tuple[int, Object]:
        """The status code and the object that came. Raises ConnectionProblem."""
        data = b"" if body is None else json.dumps(body).encode()
        headers = [("Accept", "application/json"), *self._authorization, *who.headers()]
        if body is not None:
            headers += [("Content-Type", "application/json"), ("Content-Length", str(len(data)))]
        try:
            return self._exchange(method, path, headers, data)
        except (OSError, HTTPException) as error:
            raise ConnectionProblem(f"{self._url.geturl()} does not answer: {error}") from None

    def stream(self, path: str) -> Iterator[Object]:
        """What a watch sends, document by document, for as long as it lasts. Raises ConnectionProblem."""
        connection = HTTPSConnection(self._url.netloc, timeout=None, context=self._context)
        headers = {"Accept": "application/json", **dict(self._authorization)}
        try:
            connection.request("GET", self._url.path + path, headers=headers)
            answer = connection.getresponse()
            while line := answer.readline():
                yield _parse(line)
        except (OSError, HTTPException) as error:
            raise ConnectionProblem(f"{self._url.geturl()} does not answer: {error}") from None
        finally:
            connection.close()

    def _exchange(self, method: str, path: str, headers: Sequence[tuple[str, str]], data: bytes) -> tuple[int, Object]:
        connection = HTTPSConnection(self._url.netloc, timeout=TIMEOUT, context=self._context)
        try:
            connection.putrequest(method, self._url.path + path)
            for name, value in headers:  # a header that comes several times has to be sent so: groups
                connection.putheader(name, value)
            connection.endheaders(data)
            answer = connection.getresponse()
            return answer.status, _parse(answer.read())
        finally:
            connection.close()


def _parse(data: bytes) -> Object:
    try:
        found = json.loads(data)
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {"kind": "Status", "message": data.decode(errors="replace").strip()}


def load(path: Path | None = None, context: str = "") -> Connection:
    """The connection of a context, of the current one if none is given. Raises ConnectionProblem."""
    documents = [_read(one) for one in ([path] if path else _paths()) if one.exists()]
    if not documents:
        raise ConnectionProblem("there is no kubeconfig; set KUBECONFIG or give --kubeconfig")
    name = context or next((doc["current-context"] for doc in documents if doc.get("current-context")), "")
    entry = _entry(documents, "context", name)
    cluster = _entry(documents, "cluster", str(entry.get("cluster", "")))
    user = _entry(documents, "user", str(entry.get("user", "")))
    return Connection(cluster, user, str(entry.get("namespace") or "default"))


def _paths() -> Sequence[Path]:
    """As client-go finds them; of several files the first that has a name counts."""
    given = os.environ.get("KUBECONFIG", "")
    return [Path(part) for part in given.split(os.pathsep) if part] or [DEFAULT.expanduser()]


FILES = ("certificate-authority", "client-certificate", "client-key", "tokenFile")


def _read(path: Path) -> Object:
    import yaml

    try:
        document = yaml.safe_load(path.read_bytes())
    except (OSError, yaml.YAMLError) as error:
        raise ConnectionProblem(f"{path}: {error}") from None
    if not isinstance(document, dict):
        raise ConnectionProblem(f"{path} is no kubeconfig")
    for kind in ("cluster", "user"):
        for entry in document.get(f"{kind}s") or ():
            for name in FILES:
                if (entry.get(kind) or {}).get(name):
                    entry[kind][name] = str(path.absolute().parent / entry[kind][name])
    return document


def _entry(documents: Sequence[Object], kind: str, name: str) -> Object:
    for document in documents:
        for entry in document.get(f"{kind}s") or ():
            if entry.get("name") == name:
                found: Object = entry.get(kind) or {}
                return found
    raise ConnectionProblem(f'the kubeconfig has no {kind} "{name}"')


def _data(entry: Mapping[str, Any], name: str) -> bytes:
    """What a field holds, in the kubeconfig itself or in a file; empty if it is not there."""
    if entry.get(f"{name}-data"):
        return base64.b64decode(entry[f"{name}-data"])
    try:
        return Path(entry[name]).read_bytes() if entry.get(name) else b""
    except OSError as error:
        raise ConnectionProblem(str(error)) from None


def _portable(cluster: Object) -> Object:
    """The entry of a cluster in a form that a kubeconfig anywhere else can have."""
    entry = {name: value for name, value in cluster.items() if not name.startswith("certificate-authority")}
    if authority := _data(cluster, "certificate-authority"):
        entry["certificate-authority-data"] = base64.b64encode(authority).decode()
    return entry


def _tls(cluster: Object, user: Object) -> ssl.SSLContext:
    authority = _data(cluster, "certificate-authority")
    try:
        context = ssl.create_default_context(cadata=authority.decode() if authority else None)
        if cluster.get("insecure-skip-tls-verify"):
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        if certificate := _data(user, "client-certificate"):
            _load_pair(context, certificate + b"\n" + _data(user, "client-key"))
    except (ssl.SSLError, ValueError) as error:
        raise ConnectionProblem(f"the kubeconfig's certificates cannot be used: {error}") from None
    return context


def _load_pair(context: ssl.SSLContext, pem: bytes) -> None:
    """ssl reads certificates from files only; mkstemp makes one that nobody else can read."""
    descriptor, name = tempfile.mkstemp(prefix="fakekube-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(pem)
        context.load_cert_chain(name)
    finally:
        with suppress(FileNotFoundError):
            Path(name).unlink()


def _authorization(user: Object) -> list[tuple[str, str]]:
    token = user.get("token") or _data(user, "tokenFile").decode().strip()
    if token:
        return [("Authorization", f"Bearer {token}")]
    if user.get("username"):
        pair = f"{user['username']}:{user.get('password', '')}".encode()
        return [("Authorization", f"Basic {base64.b64encode(pair).decode()}")]
    return []
