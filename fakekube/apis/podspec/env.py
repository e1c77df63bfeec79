"""Environment variables of a container."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fakekube.apis.podspec.checks import breaches
from fakekube.apis.podspec.downward import ENV_FIELDS, field_reference, resource_reference
from fakekube.apis.podspec.options import Context
from fakekube.machinery.fielderrors import FieldError, Path, invalid, required
from fakekube.machinery.names import C_IDENTIFIER, as_prefix, config_map_key, dns_subdomain, env_var_name
from fakekube.machinery.objects import Object

SOURCES = ("fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef")
NO_SOURCE = "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`"
NO_FROM_SOURCE = "must specify one of: `configMapRef` or `secretRef`"
WITH_VALUE = "may not be specified when `value` is not empty"
TOO_MANY = "may not have more than one field specified at a time"


def validate_env(variables: Sequence[Object], path: Path, context: Context) -> Iterator[FieldError]:
    """Yield what is wrong with the list `env`."""
    for index, variable in enumerate(variables):
        name, source = variable.get("name", ""), variable.get("valueFrom")
        if not name:
            yield required(path @ index / "name")
        elif not C_IDENTIFIER.fullmatch(name):  # which is what nearly all of them are
            yield from (invalid(path @ index / "name", name, wrong) for wrong in env_var_name(name))
        if source is not None:
            yield from _source(source, variable.get("value", ""), path @ index / "valueFrom", context)


def validate_env_from(sources: Sequence[Object], path: Path) -> Iterator[FieldError]:
    """Yield what is wrong with the list `envFrom`."""
    for index, source in enumerate(sources):
        if prefix := source.get("prefix"):
            yield from breaches(prefix, path @ index / "prefix", env_var_name)
        given = [name for name in ("configMapRef", "secretRef") if source.get(name) is not None]
        for name in given:
            yield from _reference(source[name].get("name", ""), path @ index / name / "name")
        if not given:
            yield invalid(path, "", NO_FROM_SOURCE)
        elif len(given) > 1:
            yield invalid(path, "", TOO_MANY)


def _reference(name: str, path: Path) -> Iterator[FieldError]:
    if not name:
        yield required(path)
    else:
        yield from (invalid(path, name, wrong) for wrong in as_prefix(dns_subdomain, name))


def _source(source: Object, value: str, path: Path, context: Context) -> Iterator[FieldError]:
    given = [name for name in SOURCES if source.get(name) is not None]
    for name in given:
        here = path / name
        if name == "fieldRef":
            yield from field_reference(source[name], here, ENV_FIELDS)
        elif name == "resourceFieldRef":
            yield from resource_reference(source[name], here, False, context.options.downward_huge_pages)
        else:
            yield from _key_reference(source[name], here)
    if not given:
        yield invalid(path, "", NO_SOURCE)
    elif value:
        yield invalid(path, "", WITH_VALUE)
    elif len(given) > 1:
        yield invalid(path, "", TOO_MANY)


def _key_reference(reference: Object, path: Path) -> Iterator[FieldError]:
    yield from breaches(reference.get("name", ""), path / "name", dns_subdomain)
    key = reference.get("key", "")
    if not key:
        yield required(path / "key")
    else:
        yield from breaches(key, path / "key", config_map_key)
