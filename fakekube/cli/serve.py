"""`fakekube serve`: run a control plane until SIGTERM or Ctrl-C."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec, module_from_spec
from pathlib import Path
from types import ModuleType
from typing import Any

import click

from fakekube.cli.flags import with_options
from fakekube.options import Options

DEFAULT_KUBECONFIG = "fakekube.kubeconfig"
NO_AUTHORITIES = {"SSL_CERT_FILE": os.devnull, "SSL_CERT_DIR": os.devnull}
"""What OpenSSL takes for the system's."""
COLLECTIONS = (20_000, 20, 50)
"""When garbage is collected. Stored objects are none, and Python's defaults look at all of them again and again: a
tenth of the time of writes and more than half of their worst latency (docs/performance.md)."""


@click.command(name="serve")
@with_options
def command(options: Options) -> None:
    """Run a fake Kubernetes API server.

    When it can serve, it prints a line that begins with "fakekube ready:" and the line to copy.
    SIGTERM and Ctrl-C end it.
    """
    try:
        run(serve(options))
    except (OSError, ValueError) as error:
        raise click.ClickException(explain(error)) from None


def run(main: Any) -> None:
    """Run on uvloop where it is installed."""
    try:
        import uvloop
    except ImportError:
        asyncio.run(main)
    else:
        uvloop.run(main)


@contextmanager
def quick_imports() -> Iterator[None]:
    """While modules are imported, aiohttp is its server alone, and the system's authorities are not read, which it
    would keep for clients: whoever asks another server here makes a TLS context for it.
    """
    before = {name: os.environ.get(name) for name in NO_AUTHORITIES}
    os.environ.update(NO_AUTHORITIES)
    whole = "aiohttp" in sys.modules
    if not whole:
        sys.modules["aiohttp"] = bare_package("aiohttp", __version__="")  # which replies do not tell anybody
    try:
        yield
    finally:
        if not whole:
            del sys.modules["aiohttp"]  # the next import gets the whole of it, with the modules that are there already
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def bare_package(name: str, **contents: Any) -> ModuleType:
    """A package whose modules can be imported, without what it imports itself."""
    spec = find_spec(name)
    if spec is None:
        raise ModuleNotFoundError(name=name)
    package = module_from_spec(spec)
    vars(package).update(contents)
    return package


@contextmanager
def no_collections() -> Iterator[None]:
    """Nothing that a start makes is garbage: do not look for it meanwhile, and later not at what is there by then."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.set_threshold(*COLLECTIONS)
        gc.enable()


async def serve(options: Options) -> None:
    """Start, say so, wait for a signal, stop."""
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    with no_collections():
        with quick_imports():
            from fakekube.cluster import Cluster
        cluster = Cluster(options)
        await cluster.start()
        path = write_kubeconfig(cluster.kubeconfig(), options.write_kubeconfig or Path(DEFAULT_KUBECONFIG))
    click.echo(f"fakekube ready: {cluster.url}")
    click.echo(f"export KUBECONFIG={path}")
    sys.stdout.flush()
    await stop.wait()
    await cluster.stop()


def write_kubeconfig(document: Any, path: Path) -> Path:
    """Write it, readable for its owner only; gives the absolute path."""
    from fakekube.pki.files import write_private

    path = path.absolute()
    write_private(path, "".join(f"{line}\n" for line in block_yaml(document)).encode())
    return path


def block_yaml(mapping: Any, indent: str = "") -> Iterator[str]:
    """Lines of YAML for mappings, lists of mappings and texts: a YAML library is slow to load."""
    for name, value in mapping.items():
        inner = value if isinstance(value, list) else [value] if isinstance(value, dict) and value else []
        yield f"{indent}{name}:" if inner else f"{indent}{name}: {json.dumps(value)}"
        for item in inner:
            lines = list(block_yaml(item, f"{indent}  "))
            if isinstance(value, list):
                lines[0] = f"{indent}- {lines[0].lstrip()}"
            yield from lines


def explain(error: Exception) -> str:
    """One line about what went wrong."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return str(error)
