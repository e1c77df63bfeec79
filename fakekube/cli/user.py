"""`fakekube user add`: somebody with a client certificate, made through the certificates API of whatever cluster."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path

import click

from fakekube.cli.connected import ask, told
from fakekube.cli.connection import Connection, load
from fakekube.machinery.objects import Object
from fakekube.pki import KeyPair, requesting


@click.group(name="user")
def command() -> None:
    """Users with client certificates."""


@command.command()
@click.argument("name")
@click.option("-g", "--group", "groups", multiple=True, help="A group of that user; may be given several times.")
@click.option(
    "--kubeconfig", type=click.Path(path_type=Path, dir_okay=False), help="File to write. Default: NAME.kubeconfig."
)
@click.option("-n", "--namespace", default="", help="Namespace of the new kubeconfig's context.")
@click.option("--context", default="", help="Context to ask with, if not the current one of $KUBECONFIG.")
def add(name: str, groups: tuple[str, ...], kubeconfig: Path | None, namespace: str, context: str) -> None:
    """Make a key and a kubeconfig for the user NAME.

    Asks the cluster of $KUBECONFIG (or ~/.kube/config) to sign a certificate, approves that with your own rights, and
    writes a kubeconfig with the key and the certificate. The user may do nothing yet: bind a role to it.

    As with "kubectl config", --kubeconfig is the file that gets written; it must not hold anybody else.
    """
    path = (kubeconfig or Path(f"{name.replace('/', '_')}.kubeconfig")).absolute()
    _check_free(path, name)
    with told():
        connection = load(context=context)
        pair = _obtain(connection, name, groups)
    _write(path, document(connection, name, namespace, pair))
    click.echo(f'user "{name}" added' + (f" (groups: {', '.join(groups)})" if groups else ""))
    click.echo(f"export KUBECONFIG={path}")


def _check_free(path: Path, name: str) -> None:
    """Raises click.ClickException for a file with which somebody else's key would be lost."""
    import yaml

    try:
        held = yaml.safe_load(path.read_bytes())
        users = [user["name"] for user in held["users"]]
    except FileNotFoundError:
        return
    except (OSError, yaml.YAMLError, TypeError, LookupError):
        users = []
    if users != [name]:
        raise click.ClickException(f"{path} exists and is not the kubeconfig of {name}; --kubeconfig is what to write")


def _obtain(connection: Connection, name: str, groups: tuple[str, ...]) -> KeyPair:
    """Raises click.ClickException."""
    try:
        return requesting.obtain(lambda method, path, body: ask(connection, method, path, body), name, groups)
    except ValueError as error:
        raise click.ClickException(f"no certificate can say that: {error}") from None
    except requesting.NotSigned as error:
        raise click.ClickException(str(error)) from None


def document(connection: Connection, name: str, namespace: str, pair: KeyPair) -> Object:
    """The kubeconfig of a user on the connection's cluster."""
    context = {"cluster": "cluster", "user": name, **({"namespace": namespace} if namespace else {})}
    credentials = {"client-certificate-data": _base64(pair.certificate), "client-key-data": _base64(pair.key)}
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


def _write(path: Path, kubeconfig: Object) -> None:
    import yaml

    from fakekube.pki.files import write_private

    try:
        write_private(path, yaml.safe_dump(kubeconfig, sort_keys=False).encode())
    except OSError as error:
        raise click.ClickException(f"{path}: {error.strerror}") from None
