"""PersistentVolumeClaim. Follows pkg/apis/core/validation and pkg/registry/core/persistentvolumeclaim of v1.20."""

from __future__ import annotations

from collections.abc import Iterator

from fakekube.apis import again
from fakekube.apis.columns import AGE, NAME
from fakekube.apis.core.volumespecs import BAD_QUANTITY, access_modes, phase, storage_class, volume_mode
from fakekube.apis.podspec.claims import validate_claim_spec
from fakekube.apis.podspec.defaults import default_claim, round_up
from fakekube.apis.resource import Column, Resource, Subresource, Version
from fakekube.machinery.fielderrors import FieldError, Path, forbidden, invalid, required
from fakekube.machinery.goformat import Go
from fakekube.machinery.objects import Object
from fakekube.machinery.quantity import parse

SPEC = Path("spec")
STORAGE = SPEC / "resources" / "requests" / "storage"
CLASS = "volume.beta.kubernetes.io/storage-class"
IMMUTABLE = "field is immutable"
FIXED = "spec is immutable after creation except resources.requests for bound claims"
DATA_SOURCES = (("PersistentVolumeClaim", ""), ("VolumeSnapshot", "snapshot.storage.k8s.io"))
"""(kind, group) of what a claim may be filled from; another source is dropped."""


def default(claim: Object) -> None:
    """Pending, a file system."""
    status = claim.get("status")
    if status is None:
        status = claim["status"] = {}
    status["phase"] = status.get("phase") or "Pending"
    default_claim(claim)
    round_up(status.get("capacity"))


def prepare_create(claim: Object) -> None:
    """Sources of a feature that is off are dropped."""
    _drop_disabled(claim["spec"], None)


def prepare_update(new: Object, old: Object) -> None:
    """As on creation, unless there was a source before."""
    _drop_disabled(new["spec"], old["spec"].get("dataSource"))


def _drop_disabled(spec: Object, before: Object | None) -> None:
    source = spec.get("dataSource")
    if source is None or before is not None:
        return
    if (source.get("kind", ""), source.get("apiGroup") or "") not in DATA_SOURCES:
        del spec["dataSource"]


def validate(claim: Object) -> Iterator[FieldError]:
    """Yield what is wrong with a new claim."""
    yield from again.created(claim)
    yield from validate_claim_spec(claim["spec"], SPEC)


def validate_update(new: Object, old: Object) -> Iterator[FieldError]:
    """Yield what is wrong with an update, twice, as the real server does; of the spec little may change."""
    yield from again.judged(new, namespaced=True)
    yield from validate_claim_spec(new["spec"], SPEC)
    yield from again.changed(new, old)
    yield from again.judged(new, namespaced=True)
    yield from validate_claim_spec(new["spec"], SPEC)
    yield from _changes(new, old)
    mode = new["spec"].get("volumeMode")
    if mode != old["spec"].get("volumeMode"):
        yield invalid(Path("volumeMode"), Go(mode, "*core.PersistentVolumeMode"), IMMUTABLE)


def _changes(new: Object, old: Object) -> Iterator[FieldError]:
    from fakekube.apis.difference import difference

    spec, before = {**new["spec"]}, {**old["spec"]}
    if not before.get("volumeName"):
        before.pop("volumeName", None)  # it may be set once
        if "volumeName" in spec:
            before["volumeName"] = spec["volumeName"]
    if _takes_over_class(new, old):
        spec.pop("storageClassName")
    else:
        yield from _class_annotation(new, old)
    requests = (spec.get("resources") or {}).get("requests")
    if (new.get("status") or {}).get("phase") == "Bound" and requests is not None:
        spec["resources"] = {**spec["resources"], "requests": {**requests, "storage": _storage(before)}}
    if text := difference(spec, before, "core.PersistentVolumeClaimSpec"):
        yield forbidden(SPEC, f"{FIXED}\n{text}")
    if parse(_storage(new["spec"])) < parse(_storage(before)):
        yield forbidden(STORAGE, "field can not be less than previous value")


def _storage(spec: Object) -> str:
    return str(((spec.get("resources") or {}).get("requests") or {}).get("storage", "0"))


def _class_of(claim: Object) -> str | None:
    found: str | None = (claim["metadata"].get("annotations") or {}).get(CLASS)
    return found


def _takes_over_class(new: Object, old: Object) -> bool:
    """Whether the class moves from the annotation of old to the field."""
    before = _class_of(old)
    return (
        before is not None
        and old["spec"].get("storageClassName") is None
        and new["spec"].get("storageClassName") == before
        and _class_of(new) in (None, before)
    )


def _class_annotation(new: Object, old: Object) -> Iterator[FieldError]:
    value = _class_of(new) or ""
    if value != (_class_of(old) or ""):
        yield invalid(Path("metadata") / "annotations" / CLASS, value, IMMUTABLE)


def validate_status_update(new: Object, old: Object) -> Iterator[FieldError]:
    """Yield what is wrong with an update of the status."""
    yield from again.changed(new, old)
    if not new["spec"].get("accessModes"):
        yield required(Path("Spec") / "accessModes")
    for name, text in ((new.get("status") or {}).get("capacity") or {}).items():
        if (amount := parse(text).value()) < 0:
            yield invalid(Path("status.capacity") @ name, amount, BAD_QUANTITY)


def _capacity(claim: Object, _: float) -> str:
    if not claim["spec"].get("volumeName"):
        return ""
    return str(((claim.get("status") or {}).get("capacity") or {}).get("storage", "0"))


def _modes(claim: Object, _: float) -> str:
    return access_modes((claim.get("status") or {}).get("accessModes")) if claim["spec"].get("volumeName") else ""


RESOURCE = Resource(
    group="",
    plural="persistentvolumeclaims",
    kind="PersistentVolumeClaim",
    versions=(Version("v1", storage=True, defaults=default),),
    short_names=("pvc",),
    subresources=(Subresource("status", validate_update=validate_status_update),),
    returns_deleted=True,
    prepare_create=prepare_create,
    prepare_update=prepare_update,
    validate=validate,
    validate_update=validate_update,
    columns=(
        NAME,
        Column("Status", "string", phase),
        Column("Volume", "string", ".spec.volumeName"),
        Column("Capacity", "string", _capacity),
        Column("Access Modes", "string", _modes),
        Column("StorageClass", "string", lambda claim, now: storage_class(claim)),
        AGE,
        Column("VolumeMode", "string", volume_mode, priority=1),
    ),
)
