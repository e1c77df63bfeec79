"""What commands that talk to a cluster share: the flags that say to which one, and how refusals are told."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from fakekube.cli.connection import Connection, ConnectionProblem, load
from fakekube.machinery.objects import Object


class Refused(click.ClickException):
    """The cluster's answer was a Status."""

    def __init__(self, code: int, status: Object) -> None:
        super().__init__(str(status.get("message") or f"the cluster answered {code}"))
        self.code = code
        self.status = status


def connected(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command --kubeconfig and --context and call it with a Connection as its first argument."""

    @click.option(
        "--kubeconfig", type=click.Path(path_type=Path, dir_okay=False), help="Default: $KUBECONFIG, ~/.kube/config."
    )
    @click.option("--context", default="", help="Context of the kubeconfig, if not the current one.")
    @functools.wraps(function)
    def call(*arguments: Any, kubeconfig: Path | None, context: str, **values: Any) -> Any:
        with told():
            return function(load(kubeconfig, context), *arguments, **values)

    return call


@contextmanager
def told() -> Iterator[None]:
    """Tell problems with the connection as a command's error."""
    try:
        yield
    except ConnectionProblem as error:
        raise click.ClickException(str(error)) from None


def ask(connection: Connection, method: str, path: str, body: Object | None = None) -> Object:
    """The object that a request is answered with. Raises Refused for a Status, ConnectionProblem."""
    code, answer = connection.request(method, path, body)
    if code >= 400:
        raise Refused(code, answer)
    return answer


def explained(error: Refused) -> click.ClickException:
    """A refusal of the simulation's API as it reads best: who has no such API is no fakekube, causes say it all."""
    details = error.status.get("details") or {}
    if error.code == 404 and not details:
        return click.ClickException("this cluster has no sim.fakekube.dev: it is not fakekube")
    texts = [f"{cause.get('field')}: {cause.get('message')}" for cause in details.get("causes") or ()]
    return click.ClickException("\n".join(texts)) if texts else error
