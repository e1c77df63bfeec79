"""Containers, init containers and ephemeral containers of a pod spec."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from fakekube.apis.podspec.checks import MAX_PORT, WHITESPACE, inclusive, is_label
from fakekube.apis.podspec.env import validate_env, validate_env_from
from fakekube.apis.podspec.mounts import validate_devices, validate_mounts
from fakekube.apis.podspec.options import Context
from fakekube.apis.podspec.probes import validate_lifecycle, validate_probe, validate_strict_probe
from fakekube.apis.podspec.resources import validate_requirements
from fakekube.apis.podspec.security import validate_security
from fakekube.machinery.fielderrors import (
    FieldError,
    Path,
    duplicate,
    forbidden,
    invalid,
    not_found,
    not_supported,
    required,
)
from fakekube.machinery.goformat import Go
from fakekube.machinery.names import dns_label, port_name
from fakekube.machinery.objects import Object

PROTOCOLS = ("SCTP", "TCP", "UDP")
PULL_POLICIES = ("Always", "IfNotPresent", "Never")
MESSAGE_POLICIES = ("File", "FallbackToLogsOnError")
PORT_RANGE = inclusive(1, MAX_PORT)
MESSAGE_POLICY = "must be 'File' or 'FallbackToLogsOnError'"
NOT_IN_INIT = {
    "lifecycle": "core.Lifecycle",
    "livenessProbe": "core.Probe",
    "readinessProbe": "core.Probe",
    "startupProbe": "core.Probe",
}
"""What init containers may not have, and the type that the server prints it as."""
NOT_IN_EPHEMERAL = (
    "ports", "resources", "volumeDevices", "livenessProbe", "readinessProbe", "startupProbe", "lifecycle",
    "securityContext",
)  # fmt: skip

Part = Callable[[Any, Path, Object, Context], Iterator[FieldError]]
"""(value of a field, path of the field, the container, context)"""


def simple(check: Callable[[Any, Path], Iterator[FieldError]]) -> Part:
    """A part that needs nothing but the field's value."""
    return lambda value, path, container, context: check(value, path)


def validate_ports(ports: Sequence[Object], path: Path) -> Iterator[FieldError]:
    """Yield what is wrong with the list `ports`."""
    names: set[str] = set()
    for index, port in enumerate(ports):
        number, host, protocol = port.get("containerPort"), port.get("hostPort"), port.get("protocol", "")
        if name := port.get("name"):
            yield from _port_name(name, path, index, names)
        if not number:
            yield required(path @ index / "containerPort")
        elif not 1 <= number <= MAX_PORT:
            yield invalid(path @ index / "containerPort", number, PORT_RANGE)
        if host and not 1 <= host <= MAX_PORT:
            yield invalid(path @ index / "hostPort", host, PORT_RANGE)
        if protocol not in PROTOCOLS:
            here = path @ index / "protocol"
            yield not_supported(here, protocol, PROTOCOLS) if protocol else required(here)


def _port_name(name: str, path: Path, index: int, taken: set[str]) -> Iterator[FieldError]:
    if wrong := list(port_name(name)):
        yield from (invalid(path @ index / "name", name, text) for text in wrong)
    elif name in taken:
        yield duplicate(path @ index / "name", name)
    taken.add(name)


def _message_policy(policy: str, path: Path) -> Iterator[FieldError]:
    if policy not in MESSAGE_POLICIES:
        yield invalid(path, policy, MESSAGE_POLICY) if policy else required(path, MESSAGE_POLICY)


def _pull_policy(policy: str, path: Path) -> Iterator[FieldError]:
    if policy not in PULL_POLICIES:
        yield not_supported(path, policy, PULL_POLICIES) if policy else required(path)


PARTS: tuple[tuple[str, Part], ...] = (
    ("lifecycle", simple(validate_lifecycle)),
    ("livenessProbe", simple(validate_strict_probe)),
    ("startupProbe", simple(validate_strict_probe)),
    ("terminationMessagePolicy", simple(_message_policy)),
    ("readinessProbe", simple(validate_probe)),
    ("ports", simple(validate_ports)),
    ("env", lambda value, path, container, context: validate_env(value, path, context)),
    ("envFrom", simple(validate_env_from)),
    ("volumeMounts", validate_mounts),
    ("volumeDevices", validate_devices),
    ("imagePullPolicy", simple(_pull_policy)),
    ("resources", simple(validate_requirements)),
    ("securityContext", simple(validate_security)),
)
"""The server's order; a part is judged where its field is given."""


def validate_containers(
    containers: Sequence[Object], path: Path, context: Context, init: bool = False
) -> Iterator[FieldError]:
    """Yield what is wrong with a list of containers, which may not be empty."""
    if not containers:
        yield required(path)
        return
    names: set[str] = set()
    for index, container in enumerate(containers):
        here = path @ index
        name = container.get("name", "")
        if not name:
            yield required(here / "name")
        elif not is_label(name):
            yield from (invalid(here / "name", name, wrong) for wrong in dns_label(name))
        if name in names:
            yield duplicate(here / "name", name)
        names.add(name)
        if not container.get("image"):
            yield required(here / "image")
        for field, part in PARTS:
            if (value := container.get(field)) is not None:
                yield from part(value, here / field, container, context)
    for together in [[container] for container in containers] if init else [containers]:
        yield from _host_ports(together, path)


def _host_ports(containers: Sequence[Object], path: Path) -> Iterator[FieldError]:
    taken: set[str] = set()
    for index, container in enumerate(containers):
        for position, port in enumerate(container.get("ports") or ()):
            if number := port.get("hostPort"):
                key = f"{port.get('protocol', '')}/{port.get('hostIP', '')}/{number}"
                if key in taken:
                    yield duplicate(path @ index / "ports" @ position / "hostPort", key)
                taken.add(key)


def validate_init_containers(
    containers: Sequence[Object], others: Sequence[Object], path: Path, context: Context
) -> Iterator[FieldError]:
    """Yield what is wrong with init containers; `others` are the ordinary ones."""
    if not containers:
        return
    yield from validate_containers(containers, path, context, init=True)
    names = {container.get("name", "") for container in others}
    for index, container in enumerate(containers):
        name = container.get("name", "")
        if name in names:
            yield duplicate(path @ index / "name", name)
        if name:
            names.add(name)
        for field, type_ in NOT_IN_INIT.items():
            if (value := container.get(field)) is not None:
                yield invalid(path @ index / field, Go(value, type_), "must not be set for init containers")


def validate_ephemeral_containers(
    containers: Sequence[Object], others: Sequence[Object], path: Path, context: Context
) -> Iterator[FieldError]:
    """Yield what is wrong with ephemeral containers; `others` are those of both other kinds."""
    names = {container.get("name", "") for container in others}
    for index, container in enumerate(containers):
        here = path @ index
        name, target = container.get("name", ""), container.get("targetContainerName")
        if target and target not in names:
            yield not_found(here / "targetContainerName", target)
        if not name:
            yield required(here, "ephemeralContainer requires a name")
            continue
        yield from validate_containers([container], here, context)
        yield from validate_images([container], here)
        if name in names:
            yield duplicate(here / "name", name)
        names.add(name)
        for field in NOT_IN_EPHEMERAL:
            if container.get(field):
                yield forbidden(here / field, "cannot be set for an Ephemeral Container")


def validate_images(containers: Sequence[Object], path: Path) -> Iterator[FieldError]:
    """What pods check and templates do not: white space around an image."""
    for index, container in enumerate(containers):
        image = container.get("image", "")
        if image != image.strip():
            yield invalid(path @ index / "image", image, WHITESPACE)
