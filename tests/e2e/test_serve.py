"""`fakekube serve` as someone meets it who starts it for the first time."""

from __future__ import annotations

import base64
import os
import signal
import socket
import ssl
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from cryptography import x509
from cryptography.x509.oid import ExtensionOID, NameOID

from tests.e2e.tools import PATIENCE, Answer, Server, curl, environment


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    running = Server(tmp_path)
    yield running
    if running.process.poll() is None:
        running.stop()


def fakekube(folder: Path, *arguments: str) -> Answer:
    done = subprocess.run(
        [sys.executable, "-m", "fakekube", *arguments],
        capture_output=True, text=True, timeout=PATIENCE, cwd=folder, env=environment(), check=False,
    )  # fmt: skip
    return Answer(done.returncode, done.stdout, done.stderr)


def test_it_prints_the_line_to_copy(server: Server) -> None:
    assert server.url.startswith("https://127.0.0.1:")
    assert server.export == f"export KUBECONFIG={server.kubeconfig}"


def test_the_kubeconfig_is_the_administrators_and_private(server: Server) -> None:
    assert stat.S_IMODE(server.kubeconfig.stat().st_mode) == 0o600
    document = yaml.safe_load(server.kubeconfig.read_text())
    assert document["clusters"][0]["cluster"]["server"] == server.url
    user = document["users"][0]["user"]
    certificate = x509.load_pem_x509_certificate(base64.b64decode(user["client-certificate-data"]))
    names = {NameOID.ORGANIZATION_NAME: "system:masters", NameOID.COMMON_NAME: "kubernetes-admin"}
    for oid, value in names.items():
        assert certificate.subject.get_attributes_for_oid(oid)[0].value == value


def test_the_serving_certificate_has_the_clusters_names(server: Server) -> None:
    document = yaml.safe_load(server.kubeconfig.read_text())
    authority = base64.b64decode(document["clusters"][0]["cluster"]["certificate-authority-data"]).decode()
    context = ssl.create_default_context(cadata=authority)
    port = int(server.url.rpartition(":")[2])
    with (
        socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as plain,
        context.wrap_socket(plain, server_hostname="kubernetes.default.svc") as secure,
    ):
        certificate = x509.load_der_x509_certificate(secure.getpeercert(binary_form=True) or b"")
    names = certificate.extensions.get_extension_for_oid(ExtensionOID.SUBJECT_ALTERNATIVE_NAME).value
    assert isinstance(names, x509.SubjectAlternativeName)
    services = ["kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local"]
    assert {"localhost", *services} <= set(names.get_values_for_type(x509.DNSName))
    assert {"127.0.0.1", "::1", "10.96.0.1"} <= {str(ip) for ip in names.get_values_for_type(x509.IPAddress)}


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_well(server: Server, by: signal.Signals) -> None:
    port = int(server.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port)):  # someone who does not say anything
        assert server.stop(by) == 0
    assert server.output == ""


def test_keys_are_kept_private_and_used_again(tmp_path: Path) -> None:
    folder = tmp_path / "certs"
    first = Server(tmp_path, "--cert-dir", str(folder))
    assert first.stop() == 0
    keys = [path for path in folder.iterdir() if path.suffix == ".key"]
    assert keys
    assert {stat.S_IMODE(path.stat().st_mode) for path in keys} == {0o600}
    before = yaml.safe_load(first.kubeconfig.read_text())["clusters"][0]["cluster"]["certificate-authority-data"]
    second = Server(tmp_path, "--cert-dir", str(folder))
    assert second.stop() == 0
    after = yaml.safe_load(second.kubeconfig.read_text())["clusters"][0]["cluster"]["certificate-authority-data"]
    assert before == after


def test_a_port_in_use(server: Server, tmp_path: Path) -> None:
    port = server.url.rpartition(":")[2]
    answer = fakekube(tmp_path, "serve", "--secure-port", port)
    assert answer.code == 1
    assert answer.both == f"Error: cannot listen on 127.0.0.1:{port}: Address already in use\n"


FILES = {
    "--client-ca-file": "error reading file: data does not contain any valid RSA or ECDSA certificates",
    "--token-auth-file": "token file 'file': 'utf-8' codec can't decode byte 0xff in position 0: invalid start byte",
}


@pytest.mark.parametrize("flag", FILES)
def test_a_file_that_is_not_there(tmp_path: Path, flag: str) -> None:
    answer = fakekube(tmp_path, "serve", "--secure-port", "0", flag, "missing")
    assert answer == Answer(1, "", "Error: missing: No such file or directory\n")


@pytest.mark.parametrize("flag", FILES)
def test_a_file_that_holds_something_else(tmp_path: Path, flag: str) -> None:
    (tmp_path / "file").write_bytes(b"\xff\x00nonsense")
    answer = fakekube(tmp_path, "serve", "--secure-port", "0", flag, "file")
    assert answer == Answer(1, "", f"Error: {FILES[flag]}\n")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    file = tmp_path / "tokens.csv"
    file.write_text("token,user,uid\n")
    file.chmod(0)
    answer = fakekube(tmp_path, "serve", "--secure-port", "0", "--token-auth-file", "tokens.csv")
    assert answer.both == "Error: tokens.csv: Permission denied\n"


@pytest.mark.parametrize(
    ("flags", "error"),
    [
        (["--secure-port", "many"], "Invalid value for '--secure-port': 'many' is not a valid integer range."),
        (["--secure-port", "70000"], "Invalid value for '--secure-port': 70000 is not in the range 0<=x<=65535."),
        (["--no-such-flag"], "No such option"),
        (["--authorization-mode", "RBAC,Magic"], 'authorization-mode "Magic" is not a valid mode'),
        (["--enable-admission-plugins", "Magic"], 'enable-admission-plugins plugin "Magic" is unknown'),
        (["--kubernetes-version", "9.9"], "unknown Kubernetes version '9.9'; known: 1.20"),
        (
            ["--service-cluster-ip-range", "ten"],
            "Invalid value for '--service-cluster-ip-range': 'ten' does not appear to be an IPv4 or IPv6 network",
        ),
        (["--bind-address", "203.0.113.1"], "cannot listen on 203.0.113.1:0: Cannot assign requested address"),
        (["--cert-dir", "kubeconfig"], "kubeconfig/ca.crt: Not a directory"),
    ],
)
def test_a_bad_flag(tmp_path: Path, flags: list[str], error: str) -> None:
    (tmp_path / "kubeconfig").touch()
    answer = fakekube(tmp_path, "serve", "--secure-port", "0", *flags)
    assert answer.code != 0
    assert answer.out == ""
    assert answer.err.startswith(f"Error: {error}")
    assert answer.err.count("\n") == 1


def test_help_tells_every_flag(tmp_path: Path) -> None:
    answer = fakekube(tmp_path, "serve", "--help")
    assert answer.code == 0
    for flag in ("--bind-address", "--secure-port", "--client-ca-file", "--token-auth-file", "--write-kubeconfig"):
        assert flag in answer.out
    assert "serve" in fakekube(tmp_path, "--help").out


@pytest.mark.usefixtures("curl_is_there")
def test_curl_asks_for_the_authority(server: Server) -> None:
    answer = curl(f"{server.url}/version")
    assert answer.code == 60
    assert "certificate" in answer.err


def test_a_token_file_names_users(tmp_path: Path) -> None:
    (tmp_path / "tokens.csv").write_text('secret-token,jane,1,"dev,ops"\n')
    server = Server(tmp_path, "--token-auth-file", "tokens.csv")
    answer = curl("-k", "-H", "Authorization: Bearer secret-token", f"{server.url}/api/v1/pods")
    assert 'User \\"jane\\" cannot list resource \\"pods\\"' in answer.out
    assert server.stop() == 0
