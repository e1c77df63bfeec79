"""Kubeconfigs as people have them, and what is read out of them."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
import yaml

from fakekube.cli import connection
from fakekube.cli.connection import Connection, ConnectionProblem, Impersonation

SERVER = {"server": "https://127.0.0.1:1/prefix/", "insecure-skip-tls-verify": True}


def kubeconfig(path: Path, name: str, **more: Any) -> Path:
    document = {
        "clusters": [{"name": name, "cluster": SERVER}],
        "users": [{"name": name, "user": {"token": name}}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name, "namespace": f"ns-{name}"}}],
        "current-context": name,
        **more,
    }
    path.write_text(yaml.safe_dump(document))
    return path


def test_the_current_context_of_the_first_file_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = [kubeconfig(tmp_path / name, name) for name in ("a", "b")]
    monkeypatch.setenv("KUBECONFIG", ":".join([str(tmp_path / "missing"), *map(str, files)]))
    assert connection.load().namespace == "ns-a"
    assert connection.load(context="b").namespace == "ns-b"
    assert connection.load(files[1]).namespace == "ns-b"


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ({"current-context": "x"}, 'no context "x"'),
        ({"clusters": []}, 'no cluster "a"'),
        ({"users": [{"name": "a", "user": {"exec": {}}}]}, "logs in with a plugin"),
        ({"clusters": [{"name": "a", "cluster": {"server": "http://x"}}]}, "no https:// address"),
        ({"users": [{"name": "a", "user": {"tokenFile": "missing"}}]}, "No such file"),
        ({"users": [{"name": "a", "user": {"client-certificate-data": "eA=="}}]}, "cannot be used"),
    ],
)
def test_what_cannot_be_used(tmp_path: Path, more: Any, problem: str) -> None:
    with pytest.raises(ConnectionProblem, match=problem):
        connection.load(kubeconfig(tmp_path / "k", "a", **more))


def test_no_file_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "missing"))
    with pytest.raises(ConnectionProblem, match="no kubeconfig"):
        connection.load()


@pytest.mark.parametrize("text", ["[", "- a"])
def test_no_kubeconfig(tmp_path: Path, text: str) -> None:
    (tmp_path / "k").write_text(text)
    with pytest.raises(ConnectionProblem):
        connection.load(tmp_path / "k")


class Recorder:
    """Stands for http.client.HTTPSConnection: keeps what is sent."""

    sent: list[tuple[str, ...]] = []  # noqa: RUF012  emptied by the fixture

    def __init__(self, netloc: str, **_: Any) -> None:
        self.sent.append(("to", netloc))

    def putrequest(self, method: str, path: str) -> None:
        self.sent.append((method, path))

    def putheader(self, name: str, value: str) -> None:
        self.sent.append((name, value))

    def endheaders(self, data: bytes) -> None:
        self.sent.append(("body", data.decode()))

    def getresponse(self) -> Any:
        return self

    status = 404

    def read(self) -> bytes:
        return b"404 page not found\n"

    def close(self) -> None:
        self.sent.append(("closed",))


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    monkeypatch.setattr(connection, "HTTPSConnection", Recorder)
    Recorder.sent = []
    return Recorder.sent


def test_a_request(tmp_path: Path, sent: list[tuple[str, ...]]) -> None:
    found = connection.load(kubeconfig(tmp_path / "k", "a"))
    answer = found.request("POST", "/api", {"a": 1}, Impersonation("ann", ("dev", "ops")))
    assert answer == (404, {"kind": "Status", "message": "404 page not found"})
    assert sent == [
        ("to", "127.0.0.1:1"),
        ("POST", "/prefix/api"),
        ("Accept", "application/json"),
        ("Authorization", "Bearer a"),
        ("Impersonate-User", "ann"),
        ("Impersonate-Group", "dev"),
        ("Impersonate-Group", "ops"),
        ("Content-Type", "application/json"),
        ("Content-Length", "8"),
        ("body", '{"a": 1}'),
        ("closed",),
    ]


def test_a_token_from_a_file_beside_the_kubeconfig(tmp_path: Path, sent: list[tuple[str, ...]]) -> None:
    (tmp_path / "token").write_text("secret\n")
    path = kubeconfig(tmp_path / "k", "a", users=[{"name": "a", "user": {"tokenFile": "token"}}])
    connection.load(path).request("GET", "/api")
    assert ("Authorization", "Bearer secret") in sent


def test_basic_authentication(sent: list[tuple[str, ...]]) -> None:
    Connection(SERVER, {"username": "u", "password": "p"}).request("GET", "/")
    assert ("Authorization", f"Basic {base64.b64encode(b'u:p').decode()}") in sent


def test_nobody_there() -> None:
    with pytest.raises(ConnectionProblem, match="does not answer"):
        Connection(SERVER, {}).request("GET", "/")
