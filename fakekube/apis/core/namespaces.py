"""Namespace. Follows pkg/registry/core/namespace of v1.20."""

from __future__ import annotations

from typing import Any

from fakekube.apis.columns import AGE, NAME
from fakekube.apis.resource import Column, Resource, Subresource, Version
from fakekube.machinery.names import dns_label

FINALIZER = "kubernetes"


def default(namespace: Any) -> None:
    """It is Active unless something else is said."""
    namespace.setdefault("status", {}).setdefault("phase", "Active")


def prepare_create(namespace: Any) -> None:
    """The namespace controller's finalizer is always there; the phase begins with Active."""
    namespace["status"] = {"phase": "Active"}
    finalizers = namespace.setdefault("spec", {}).setdefault("finalizers", [])
    if FINALIZER not in finalizers:
        finalizers.append(FINALIZER)


def prepare_update(new: Any, old: Any) -> None:
    """Finalizers change through the subresource alone."""
    _keep(new, old, "finalizers")


def prepare_finalize(new: Any, old: Any) -> None:
    """Only spec.finalizers change."""
    finalizers = new.get("spec", {}).get("finalizers", [])
    metadata = {**old["metadata"], "resourceVersion": new["metadata"]["resourceVersion"]}
    if "managedFields" in new["metadata"]:
        metadata["managedFields"] = new["metadata"]["managedFields"]
    new.clear()
    new.update({**old, "metadata": metadata, "spec": {**old.get("spec", {}), "finalizers": finalizers}})
    if not finalizers:
        del new["spec"]["finalizers"]


def held(namespace: Any) -> bool:
    """A namespace stays when it is deleted, until its controller has emptied it."""
    return "deletionTimestamp" not in namespace["metadata"] or bool(namespace.get("spec", {}).get("finalizers"))


def mark_deleted(namespace: Any) -> None:
    """From now on nothing is created in it. The real server sets no grace period here."""
    namespace["status"] = {**namespace.get("status", {}), "phase": "Terminating"}
    namespace["metadata"].pop("deletionGracePeriodSeconds", None)


def _keep(new: Any, old: Any, name: str) -> None:
    value = old.get("spec", {}).get(name)
    spec = new.setdefault("spec", {})
    if value:
        spec[name] = value
    else:
        spec.pop(name, None)


RESOURCE = Resource(
    group="",
    plural="namespaces",
    kind="Namespace",
    versions=(Version("v1", storage=True, defaults=default),),
    namespaced=False,
    short_names=("ns",),
    verbs=("create", "delete", "get", "list", "patch", "update", "watch"),
    subresources=(
        Subresource("finalize", verbs=("update",), prepare_update=prepare_finalize),
        Subresource("status"),
    ),
    validate_name=dns_label,
    prepare_create=prepare_create,
    prepare_update=prepare_update,
    held=held,
    mark_deleted=mark_deleted,
    returns_deleted=True,
    selectable={
        "name": lambda namespace: namespace["metadata"]["name"],
        "status.phase": lambda namespace: namespace.get("status", {}).get("phase", ""),
    },
    columns=(NAME, Column("Status", "string", ".status.phase"), AGE),
)
