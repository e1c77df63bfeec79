"""Metadata that every object has: its order, and what is judged of it when an object is created or updated.

Follows apimachinery's api/validation/objectmeta.go and ValidateObjectMeta of pkg/apis/core/validation of v1.20.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from fakekube.machinery import metarules
from fakekube.machinery.fielderrors import FieldError, Path, forbidden, invalid, required
from fakekube.machinery.names import as_prefix, dns_1035_label, dns_label
from fakekube.machinery.objects import Object

METADATA = Path("metadata")
ORDER = (
    "name", "generateName", "namespace", "selfLink", "uid", "resourceVersion", "generation", "creationTimestamp",
    "deletionTimestamp", "deletionGracePeriodSeconds", "labels", "annotations", "ownerReferences", "finalizers",
    "clusterName", "managedFields",
)  # fmt: skip
IMMUTABLE = "field is immutable"
STANDARD_FINALIZERS = frozenset({"kubernetes", "orphan", "foregroundDeletion"})
NOT_QUALIFIED = "name is neither a standard finalizer name nor is it fully qualified"


def ordered(metadata: Object) -> Object:
    """The fields in the order in which the real server writes them, without empty ones."""
    return {name: value for name in ORDER if (value := metadata.get(name)) not in (None, "", {}, [])}


def validate_object_meta(
    metadata: Object, namespaced: bool, validate_name: Callable[[str], Iterable[str]], path: Path = METADATA
) -> Iterator[FieldError]:
    """Yield what is wrong with the metadata of any object; names have been generated before."""
    yield from _names(metadata, validate_name, path)
    yield from _namespace(metadata.get("namespace", ""), namespaced, path / "namespace")
    if cluster := metadata.get("clusterName"):
        yield from (invalid(path / "clusterName", cluster, wrong) for wrong in dns_1035_label(cluster))
    yield from _managers(metadata, path)
    if (generation := metadata.get("generation", 0)) < 0:
        yield invalid(path / "generation", generation, "must be greater than or equal to 0")
    yield from _labels_and_owners(metadata, path)
    if finalizers := metadata.get("finalizers"):
        yield from metarules.validate_finalizers(finalizers, path / "finalizers")
    yield from metarules.validate_managed_fields(metadata.get("managedFields") or (), path / "managedFields")


def validate_object_meta_update(new: Object, old: Object, path: Path = METADATA) -> Iterator[FieldError]:
    """Yield what is wrong with the change from the metadata `old`."""
    if "deletionTimestamp" in old:
        before = old.get("finalizers") or ()
        yield from metarules.validate_no_new_finalizers(new.get("finalizers") or (), before, path / "finalizers")
    if not new.get("resourceVersion"):
        yield invalid(path / "resourceVersion", "", "must be specified for an update")
    yield from _managers(new, path)
    for name in ("name", "namespace", "uid"):
        if new.get(name, "") != old.get(name, ""):
            yield invalid(path / name, new.get(name, ""), IMMUTABLE)
    for name in ("creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds"):
        if new.get(name) != old.get(name):
            yield invalid(path / name, _shown(new.get(name)), IMMUTABLE)
    yield from _labels_and_owners(new, path)
    yield from metarules.validate_managed_fields(new.get("managedFields") or (), path / "managedFields")


def validate_standard_finalizers(metadata: Object, path: Path = METADATA) -> Iterator[FieldError]:
    """Yield the finalizers that have neither a domain nor a meaning; judged of all built-in kinds."""
    for index, name in enumerate(metadata.get("finalizers") or ()):
        if "/" not in name and name not in STANDARD_FINALIZERS:
            yield invalid(path / "finalizers" @ index, name, NOT_QUALIFIED)


def _names(metadata: Object, validate_name: Callable[[str], Iterable[str]], path: Path) -> Iterator[FieldError]:
    if prefix := metadata.get("generateName"):
        rule: Any = validate_name
        yield from (invalid(path / "generateName", prefix, wrong) for wrong in as_prefix(rule, prefix))
    if name := metadata.get("name"):
        yield from (invalid(path / "name", name, wrong) for wrong in validate_name(name))
    else:
        yield required(path / "name", "name or generateName is required")


def _namespace(namespace: str, namespaced: bool, path: Path) -> Iterator[FieldError]:
    if not namespaced:
        if namespace:
            yield forbidden(path, "not allowed on this type")
    elif not namespace:
        yield required(path)
    else:
        yield from (invalid(path, namespace, wrong) for wrong in dns_label(namespace))


def _managers(metadata: Object, path: Path) -> Iterator[FieldError]:
    for entry in metadata.get("managedFields") or ():
        yield from metarules.validate_field_manager(entry.get("manager", ""), path / "fieldManager")


def _labels_and_owners(metadata: Object, path: Path) -> Iterator[FieldError]:
    if labels := metadata.get("labels"):
        yield from metarules.validate_labels(labels, path / "labels")
    if annotations := metadata.get("annotations"):
        yield from metarules.validate_annotations(annotations, path / "annotations")
    if owners := metadata.get("ownerReferences"):
        yield from metarules.validate_owner_references(owners, path / "ownerReferences")


class _Moment:
    """A time as Go prints it: 2030-01-01 00:00:00 +0000 UTC."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __str__(self) -> str:
        return f"{self.text[:10]} {self.text[11:19]} +0000 UTC"


def _shown(value: Any) -> Any:
    return _Moment(value) if isinstance(value, str) else value
