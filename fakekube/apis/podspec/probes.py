"""Probes, life-cycle hooks and what they do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from fakekube.apis.podspec.checks import NEGATIVE, needs
from fakekube.machinery.fielderrors import FieldError, Path, forbidden, invalid, not_supported, required
from fakekube.machinery.names import http_header_name, port_name, port_number
from fakekube.machinery.objects import Object

SCHEMES = ("HTTP", "HTTPS")
NUMBERS = ("initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold")


def port_number_or_name(port: Any, path: Path) -> Iterator[FieldError]:
    """A port by its number or its name."""
    rule: Callable[[Any], Iterator[str]] = port_name if isinstance(port, str) else port_number
    yield from (invalid(path, port, wrong) for wrong in rule(port))


def http_get(action: Object, path: Path) -> Iterator[FieldError]:
    """httpGet."""
    if not action.get("path"):
        yield required(path / "path")
    yield from port_number_or_name(action.get("port", 0), path / "port")
    if (scheme := action.get("scheme", "")) not in SCHEMES:
        yield not_supported(path / "scheme", scheme, SCHEMES)
    for header in action.get("httpHeaders") or ():
        name = header.get("name", "")
        yield from (invalid(path / "httpHeaders", name, wrong) for wrong in http_header_name(name))


def tcp_socket(action: Object, path: Path) -> Iterator[FieldError]:
    """tcpSocket."""
    yield from port_number_or_name(action.get("port", 0), path / "port")


HANDLERS = {"exec": needs("command"), "httpGet": http_get, "tcpSocket": tcp_socket}


def validate_handler(handler: Object, path: Path) -> Iterator[FieldError]:
    """Yield what is wrong with what a probe or hook does: exactly one thing."""
    given = [name for name in HANDLERS if handler.get(name) is not None]
    for position, name in enumerate(given):
        if position:
            yield forbidden(path / name, "may not specify more than 1 handler type")
        else:
            yield from HANDLERS[name](handler[name], path / name)
    if not given:
        yield required(path, "must specify a handler type")


def validate_probe(probe: Object, path: Path) -> Iterator[FieldError]:
    """Yield what is wrong with any probe."""
    yield from validate_handler(probe, path)
    for name in NUMBERS:
        if (number := probe.get(name, 0)) < 0:
            yield invalid(path / name, number, NEGATIVE)


def validate_strict_probe(probe: Object, path: Path) -> Iterator[FieldError]:
    """The same for liveness and startup probes, where one success is enough."""
    yield from validate_probe(probe, path)
    if (threshold := probe.get("successThreshold", 0)) != 1:
        yield invalid(path / "successThreshold", threshold, "must be 1")


def validate_lifecycle(lifecycle: Object, path: Path) -> Iterator[FieldError]:
    """Yield what is wrong with the hooks."""
    for name in ("postStart", "preStop"):
        if lifecycle.get(name) is not None:
            yield from validate_handler(lifecycle[name], path / name)
