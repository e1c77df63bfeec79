"""`fakekube user add`: somebody with a client certificate, made through the certificates API of whatever cluster."""

from __future__ import annotations

import time
from base64 import b64decode, b64encode
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import click

from fakekube.cli.connected import Refused, ask, connected
from fakekube.cli.connection import Connection
from fakekube.machinery.objects import Object

REQUESTS = "/apis/certificates.k8s.io/v1/certificatesigningrequests"
SIGNER = "kubernetes.io/kube-apiserver-client"
PATIENCE = 15.0
"""Seconds that the signer may take."""


@click.group(name="user")
def command() -> None:
    """Users with client certificates."""


@command.command()
@click.argument("name")
@click.option("-g", "--group", "groups", multiple=True, help="A group of that user; may be given several times.")
@click.option(
    "-w", "--write-kubeconfig", type=click.Path(path_type=Path, dir_okay=False), help="Default: NAME.kubeconfig."
)
@click.option("-n", "--namespace", default="", help="Namespace of the new kubeconfig's context.")
@connected
def add(
    connection: Connection, name: str, groups: tuple[str, ...], write_kubeconfig: Path | None, namespace: str
) -> None:
    """Make a key and a kubeconfig for the user NAME.

    Asks the cluster to sign a certificate, approves that with your own rights, and writes a kubeconfig with the key and
    the certificate. The user may do nothing yet: bind a role to it.
    """
    key, request = _request(name, groups)
    certificate = _certificate(connection, name, request)
    path = (write_kubeconfig or Path(f"{name.replace('/', '_')}.kubeconfig")).absolute()
    _write(path, kubeconfig(connection, name, namespace, certificate, key))
    click.echo(f'user "{name}" added' + (f" (groups: {', '.join(groups)})" if groups else ""))
    click.echo(f"export KUBECONFIG={path}")


def _request(name: str, groups: tuple[str, ...]) -> tuple[bytes, bytes]:
    """A new key and a request for a certificate, both PEM. Raises click.ClickException."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    try:
        attributes = [x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]
        attributes += [x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, group) for group in groups]
    except ValueError as error:
        raise click.ClickException(f"no certificate can say that: {error}") from None
    request = x509.CertificateSigningRequestBuilder().subject_name(x509.Name(attributes)).sign(key, hashes.SHA256())
    form = serialization.PrivateFormat.PKCS8
    pem = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    return pem, request.public_bytes(serialization.Encoding.PEM)


def _certificate(connection: Connection, name: str, request: bytes) -> bytes:
    """Have the request signed; nothing of it is left in the cluster. Raises click.ClickException."""
    spec = {"request": b64encode(request).decode(), "signerName": SIGNER, "usages": ["client auth"]}
    document = {
        "apiVersion": "certificates.k8s.io/v1",
        "kind": "CertificateSigningRequest",
        "metadata": {"generateName": "fakekube-user-", "annotations": {"fakekube.dev/user": name}},
        "spec": spec,
    }
    made = ask(connection, "POST", REQUESTS, document)
    path = f"{REQUESTS}/{quote(made['metadata']['name'])}"
    try:
        ask(connection, "PUT", f"{path}/approval", approved(made))
        return _signed(connection, path)
    finally:
        with suppress(Refused):
            ask(connection, "DELETE", path)


def approved(request: Object) -> Object:
    """The signing request with the condition that the signer waits for."""
    condition = {
        "type": "Approved",
        "status": "True",
        "reason": "FakekubeUserAdd",
        "message": "approved by whoever ran fakekube user add",
    }
    return {**request, "status": {**(request.get("status") or {}), "conditions": [condition]}}


def _signed(connection: Connection, path: str) -> bytes:
    """Raises click.ClickException."""
    deadline = time.monotonic() + PATIENCE
    while True:
        status = ask(connection, "GET", path).get("status") or {}
        if status.get("certificate"):
            return b64decode(status["certificate"])
        for condition in status.get("conditions") or ():
            if condition.get("type") in ("Failed", "Denied"):
                raise click.ClickException(f"the signer refused: {condition.get('message', '')}")
        if time.monotonic() > deadline:
            raise click.ClickException(f"nobody has signed the certificate within {PATIENCE:.0f} s")
        time.sleep(0.1)


def kubeconfig(connection: Connection, name: str, namespace: str, certificate: bytes, key: bytes) -> Object:
    """The kubeconfig document of a user on the connection's cluster."""
    context = {"cluster": "cluster", "user": name, **({"namespace": namespace} if namespace else {})}
    credentials = {"client-certificate-data": _base64(certificate), "client-key-data": _base64(key)}
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "cluster", "cluster": connection.cluster}],
        "users": [{"name": name, "user": credentials}],
        "contexts": [{"name": name, "context": context}],
        "current-context": name,
    }


def _base64(data: bytes) -> str:
    return b64encode(data).decode()


def _write(path: Path, document: Object) -> None:
    import yaml

    from fakekube.pki.files import write_private

    try:
        write_private(path, yaml.safe_dump(document, sort_keys=False).encode())
    except OSError as error:
        raise click.ClickException(f"{path}: {error.strerror}") from None
