"""The spec of a persistent volume claim: of the kind, and of templates that make one."""

from __future__ import annotations

from collections.abc import Iterator

from fakekube.apis.podspec.checks import POSITIVE, named, one_of
from fakekube.machinery import metarules, selectors
from fakekube.machinery.fielderrors import FieldError, Path, forbidden, invalid, not_supported, required
from fakekube.machinery.names import dns_subdomain
from fakekube.machinery.objects import Object
from fakekube.machinery.quantity import parse

ACCESS_MODES = ("ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce")
VOLUME_MODES = ("Block", "Filesystem")
CLAIM = "PersistentVolumeClaim"
METADATA_FIELDS = (
    "name", "generateName", "namespace", "selfLink", "uid", "resourceVersion", "generation", "creationTimestamp",
    "deletionTimestamp", "deletionGracePeriodSeconds", "ownerReferences", "finalizers", "clusterName", "managedFields",
)  # fmt: skip
"""Those that a claim template may not set, in the order of the server's struct."""
FIELD_NAMES = {"uid": "uID"}


def validate_claim_template(template: Object, path: Path) -> Iterator[FieldError]:
    """Yield what is wrong with the claim template of an ephemeral volume."""
    metadata = template.get("metadata") or {}
    yield from metarules.validate_annotations(metadata.get("annotations") or {}, path / "metadata" / "annotations")
    yield from metarules.validate_labels(metadata.get("labels") or {}, path / "metadata" / "labels")
    for name in METADATA_FIELDS:
        if metadata.get(name):
            where = path / "metadata" / FIELD_NAMES.get(name, name)
            yield forbidden(where, "cannot be set for an ephemeral volume")
    yield from validate_claim_spec(template.get("spec") or {}, path / "spec")


def validate_claim_spec(spec: Object, path: Path) -> Iterator[FieldError]:
    """Yield what is wrong with the spec of a claim."""
    modes = spec.get("accessModes") or ()
    if not modes:
        yield required(path / "accessModes", "at least 1 access mode is required")
    if spec.get("selector") is not None:
        yield from selectors.validate_object(spec["selector"], path / "selector")
    for mode in modes:
        if mode not in ACCESS_MODES:
            yield not_supported(path / "accessModes", mode, ACCESS_MODES)
    yield from _storage((spec.get("resources") or {}).get("requests") or {}, path / "resources" @ "storage")
    yield from named("storageClassName", dns_subdomain)(spec, path)
    yield from one_of("volumeMode", VOLUME_MODES)(spec, path)
    if spec.get("dataSource") is not None:
        yield from _data_source(spec["dataSource"], path / "dataSource")


def _storage(requests: Object, path: Path) -> Iterator[FieldError]:
    amount = requests.get("storage")
    if amount is None:
        yield required(path)
    elif parse(amount).sign <= 0:
        yield invalid(path, amount, POSITIVE)


def _data_source(source: Object, path: Path) -> Iterator[FieldError]:
    for name in ("name", "kind"):
        if not source.get(name):
            yield required(path / name)
    if not source.get("apiGroup") and source.get("kind") != CLAIM:
        yield invalid(path, source.get("kind", ""), "")
