"""A container's environment, resolved as makeEnvironmentVariables of pkg/kubelet/kubelet_pods.go does."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping

from msgspec import Struct, field

from fakekube.apis.core.configmaps import RESOURCE as CONFIG_MAPS
from fakekube.apis.core.secrets import RESOURCE as SECRETS
from fakekube.apis.resource import Resource
from fakekube.machinery.names import env_var_name
from fakekube.machinery.objects import Key, Object
from fakekube.node import downward
from fakekube.node.expansion import expand
from fakekube.registry.client import Reader


class ConfigError(Exception):
    """The container cannot be created as it is described; the text is the kubelet's."""


class Place(Struct, frozen=True):
    """Where a pod runs, as far as it may ask."""

    pod_ip: str
    host_ip: str
    allocatable: Mapping[str, str]


class Environment(Struct):
    """The variables, and what is to be told about the keys that cannot be some."""

    values: dict[str, str]
    warnings: list[str] = field(default_factory=list)


def environment(
    pod: Object, container: Object, place: Place, services: Mapping[str, str], reader: Reader
) -> Environment:
    """Those of `envFrom`, of `env`, and the services' that neither names. Raises ConfigError."""
    made = Environment({})
    for source in container.get("envFrom") or ():
        _add_all(source, pod["metadata"]["namespace"], reader, made)
    for variable in container.get("env") or ():
        value = _value(variable, pod, container, place, reader, made.values, services)
        if value is not None:
            made.values[variable["name"]] = value
    for name, value in services.items():
        made.values.setdefault(name, value)
    return made


class _Kind(Struct, frozen=True):
    """Where values may come from, and how messages call it."""

    resource: Resource
    singular: str
    camel: str
    title: str


CONFIG_MAP = _Kind(CONFIG_MAPS, "configmap", "configMap", "ConfigMap")
SECRET = _Kind(SECRETS, "secret", "secret", "Secret")


def not_found(kind: str, name: str) -> str:
    """What the API server says of an object that is not there, for resources that are named in the singular."""
    return f'{kind} "{name}" not found'


def data_of(
    resource: Resource, namespace: str, name: str, reader: Reader, *, binary: bool = True
) -> dict[str, bytes] | None:
    """The data of a secret or config map, with `binary` also its binary data; None if there is none."""
    obj = reader.get(resource, Key(namespace, name))
    if obj is None:
        return None
    if resource is SECRETS:
        return {key: b64decode(value or "") for key, value in (obj.get("data") or {}).items()}
    data = {key: value.encode() for key, value in (obj.get("data") or {}).items()}
    if not binary:
        return data
    return {**data, **{key: b64decode(value or "") for key, value in (obj.get("binaryData") or {}).items()}}


def _add_all(source: Object, namespace: str, reader: Reader, made: Environment) -> None:
    for field_name, kind in (("configMapRef", CONFIG_MAP), ("secretRef", SECRET)):
        reference = source.get(field_name)
        if reference is None:
            continue
        data = _data(kind, namespace, reference, reader)
        named = {source.get("prefix", "") + key: value for key, value in (data or {}).items()}
        invalid = sorted(name for name in named if any(env_var_name(name)))
        made.values.update({name: _text(value) for name, value in named.items() if name not in invalid})
        if invalid:
            made.warnings.append(
                f"Keys [{', '.join(invalid)}] from the EnvFrom {kind.camel} {namespace}/{reference['name']} were "
                "skipped since they are considered invalid environment variable names."
            )


def _data(kind: _Kind, namespace: str, reference: Object, reader: Reader) -> dict[str, bytes] | None:
    data = data_of(kind.resource, namespace, reference.get("name", ""), reader, binary=False)
    if data is None and not reference.get("optional"):
        raise ConfigError(not_found(kind.singular, reference.get("name", "")))
    return data


def _value(
    variable: Object,
    pod: Object,
    container: Object,
    place: Place,
    reader: Reader,
    known: Mapping[str, str],
    services: Mapping[str, str],
) -> str | None:
    if variable.get("value"):
        return expand(variable["value"], known, services)
    source = variable.get("valueFrom") or {}
    try:
        if reference := source.get("fieldRef"):
            return downward.field_value(pod, reference["fieldPath"], place.pod_ip, place.host_ip)
        if reference := source.get("resourceFieldRef"):
            return downward.resource_value(pod, container, reference, place.allocatable)
    except downward.Unsupported as error:
        raise ConfigError(str(error)) from None
    for field_name, kind in (("configMapKeyRef", CONFIG_MAP), ("secretKeyRef", SECRET)):
        if reference := source.get(field_name):
            return _keyed(kind, pod["metadata"]["namespace"], reference, reader)
    return ""


def _keyed(kind: _Kind, namespace: str, reference: Object, reader: Reader) -> str | None:
    data = _data(kind, namespace, reference, reader)
    if data is None:
        return None
    if reference["key"] in data:
        return _text(data[reference["key"]])
    if reference.get("optional"):
        return None
    raise ConfigError(f"couldn't find key {reference['key']} in {kind.title} {namespace}/{reference['name']}")


def _text(value: bytes) -> str:
    return value.decode(errors="surrogateescape")
