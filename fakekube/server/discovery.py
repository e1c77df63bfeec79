"""Discovery documents out of a Catalog. Follows apiserver's endpoints/discovery and the aggregator."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator

from fakekube.apis.catalog import LEGACY, Catalog
from fakekube.apis.resource import Resource, api_version
from fakekube.machinery.objects import Object

UNVERSIONED = (LEGACY, "extensions")
"""Groups whose resource lists carry no apiVersion, as they did before there was one."""


def api_versions(address: str) -> Object:
    """/api."""
    servers = [{"clientCIDR": "0.0.0.0/0", "serverAddress": address}]
    return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": servers}


def group_list(catalog: Catalog) -> Object:
    """/apis."""
    groups = [_group(catalog, name) for name in catalog.groups if name != LEGACY]
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}


def group(catalog: Catalog, name: str) -> Object | None:
    """/apis/GROUP; None for a group that is not served."""
    if name == LEGACY or not catalog.versions(name):
        return None
    return {"kind": "APIGroup", "apiVersion": "v1", **_group(catalog, name)}


def resource_list(catalog: Catalog, group: str, version: str) -> Object | None:
    """/apis/GROUP/VERSION; None for a version that is not served."""
    if version not in catalog.versions(group):
        return None
    found = [entry for resource in catalog.in_group(group) for entry in _entries(catalog, resource, version)]
    document: Object = {"kind": "APIResourceList"}
    if group not in UNVERSIONED:
        document["apiVersion"] = "v1"
    document["groupVersion"] = api_version(group, version)
    return {**document, "resources": sorted(found, key=lambda entry: entry["name"])}


def _group(catalog: Catalog, name: str) -> Object:
    versions = [{"groupVersion": f"{name}/{version}", "version": version} for version in catalog.versions(name)]
    return {"name": name, "versions": versions, "preferredVersion": versions[0]}


def _entries(catalog: Catalog, resource: Resource, version: str) -> Iterator[Object]:
    served = next((v for v in resource.versions if v.name == version and v.served(catalog.release)), None)
    if served is None:
        return
    yield _entry(resource, catalog.release)
    for sub in resource.subresources:
        if sub.versions and version not in sub.versions:
            continue
        entry: Object = {
            "name": f"{resource.plural}/{sub.name}",
            "singularName": "",
            "namespaced": resource.namespaced,
        }
        if sub.group:
            entry["group"] = sub.group
        if sub.version:
            entry["version"] = sub.version
        yield {**entry, "kind": sub.kind or resource.kind, "verbs": list(sub.verbs)}


def _entry(resource: Resource, release: tuple[int, int]) -> Object:
    entry: Object = {
        "name": resource.plural,
        "singularName": resource.singular,
        "namespaced": resource.namespaced,
        "kind": resource.kind,
        "verbs": list(resource.verbs),
    }
    if resource.short_names:
        entry["shortNames"] = list(resource.short_names)
    if resource.categories:
        entry["categories"] = list(resource.categories)
    if resource.stored:
        entry["storageVersionHash"] = storage_version_hash(resource, release)
    return entry


def storage_version_hash(resource: Resource, release: tuple[int, int]) -> str:
    """Eight bytes of the SHA-256 of group, version and kind of what is stored, as base64."""
    text = f"{resource.stored_group}/{resource.persisted_in(release)}/{resource.kind}"
    return base64.b64encode(hashlib.sha256(text.encode()).digest()[:8]).decode()
