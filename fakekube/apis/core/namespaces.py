"""Namespace. Follows pkg/registry/core/namespace of v1.20."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from fakekube.apis import again, meta
from fakekube.apis.columns import AGE, NAME
from fakekube.apis.resource import Column, Resource, Subresource, Version
from fakekube.machinery.fielderrors import FieldError, Path, invalid
from fakekube.machinery.names import dns_label, qualified_name

FINALIZER = "kubernetes"
FINALIZERS = Path("spec") / "finalizers"


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
    """All but the status may change."""
    new["status"] = old.get("status", {})


def validate(namespace: Any) -> Iterator[FieldError]:
    """Yield what is wrong with a new namespace."""
    yield from again.created(namespace)
    yield from _finalizers(namespace)


def validate_update(new: Any, old: Any) -> Iterator[FieldError]:
    """Yield what is wrong with an update, in part twice, as the real server does."""
    yield from again.judged(new, namespaced=False, rule=dns_label)
    yield from _finalizers(new)
    yield from again.changed(new, old)


def _finalizers(namespace: Any) -> Iterator[FieldError]:
    for name in (namespace.get("spec") or {}).get("finalizers") or ():
        yield from _finalizer(name, FINALIZERS)


def _finalizer(name: str, path: Path) -> Iterator[FieldError]:
    yield from (invalid(path, name, wrong) for wrong in qualified_name(name))
    if "/" not in name and name not in meta.STANDARD_FINALIZERS:
        yield invalid(path, name, meta.NOT_QUALIFIED)


def validate_status_update(new: Any, old: Any) -> Iterator[FieldError]:
    """Yield what is wrong with an update of the status: the phase says whether it is being deleted."""
    yield from again.changed(new, old)
    phase = (new.get("status") or {}).get("phase", "")
    wanted, state = ("Terminating", "not empty") if "deletionTimestamp" in new["metadata"] else ("Active", "empty")
    if phase != wanted:
        yield invalid(Path("status") / "Phase", phase, f"may only be '{wanted}' if `deletionTimestamp` is {state}")


def validate_finalize(new: Any, old: Any) -> Iterator[FieldError]:
    """Yield what is wrong with an update through the subresource."""
    yield from again.changed(new, old)
    names: Sequence[str] = (new.get("spec") or {}).get("finalizers") or ()
    for index, name in enumerate(names):
        yield from _finalizer(name, FINALIZERS @ index)


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
        Subresource("finalize", verbs=("update",), prepare_update=prepare_finalize, validate_update=validate_finalize),
        Subresource("status", validate_update=validate_status_update),
    ),
    validate_name=dns_label,
    prepare_create=prepare_create,
    prepare_update=prepare_update,
    validate=validate,
    validate_update=validate_update,
    held=held,
    mark_deleted=mark_deleted,
    returns_deleted=True,
    selectable={
        "status.phase": lambda namespace: namespace.get("status", {}).get("phase", ""),
    },
    columns=(NAME, Column("Status", "string", ".status.phase"), AGE),
)
