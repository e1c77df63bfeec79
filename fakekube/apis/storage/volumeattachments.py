"""VolumeAttachment. Follows pkg/apis/storage and pkg/registry/storage/volumeattachment of v1.20."""

from __future__ import annotations

from collections.abc import Iterator

from fakekube.apis import again
from fakekube.apis.columns import AGE, NAME
from fakekube.apis.core.volumespecs import validate_volume_spec
from fakekube.apis.equality import same
from fakekube.apis.podspec.checks import breaches
from fakekube.apis.podspec.volumesources import csi_driver_name
from fakekube.apis.resource import Column, Resource, Subresource
from fakekube.apis.statuses import keep_metadata_too
from fakekube.apis.storage.versions import GROUP, versions
from fakekube.machinery.fielderrors import FieldError, Path, forbidden, invalid, required, too_long
from fakekube.machinery.goformat import Go
from fakekube.machinery.names import dns_subdomain, size
from fakekube.machinery.objects import Object

SPEC, STATUS = Path("spec"), Path("status")
ONE_SOURCE = "must specify exactly one of inlineVolumeSpec and persistentVolumeName"
MAX_METADATA, MAX_MESSAGE = 256 * 1024, 1024


def validate(attachment: Object) -> Iterator[FieldError]:
    """Yield what is wrong with a new attachment, as v1beta1 judges it."""
    yield from again.created(attachment)
    yield from _all_but_metadata(attachment)


def validate_v1(attachment: Object) -> Iterator[FieldError]:
    """v1 looks at the names too."""
    yield from validate(attachment)
    spec = attachment.get("spec") or {}
    yield from csi_driver_name(spec.get("attacher", ""), Path("spec.attacher"))
    if (name := (spec.get("source") or {}).get("persistentVolumeName")) is not None:
        yield from breaches(name, Path("spec.source.persistentVolumeName"), dns_subdomain)


def validate_update(new: Object, old: Object) -> Iterator[FieldError]:
    """The spec never changes; an updated attachment is judged twice."""
    for _ in range(2):
        yield from again.judged(new, namespaced=False)
        yield from _all_but_metadata(new)
    if not same(new.get("spec"), old.get("spec"), "storage.VolumeAttachmentSpec"):
        yield invalid(SPEC, Go(new.get("spec") or {}, "storage.VolumeAttachmentSpec"), "field is immutable")


def _all_but_metadata(attachment: Object) -> Iterator[FieldError]:
    spec, status = attachment.get("spec") or {}, attachment.get("status") or {}
    if not spec.get("attacher"):
        yield required(SPEC / "attacher")
    yield from _source(spec.get("source") or {}, SPEC / "source")
    yield from breaches(spec.get("nodeName", ""), SPEC / "nodeName", dns_subdomain)
    metadata = status.get("attachmentMetadata") or {}
    if sum(size(key) + size(value) for key, value in metadata.items()) > MAX_METADATA:
        yield too_long(STATUS / "attachmentMetadata", MAX_METADATA)
    for name in ("attachError", "detachError"):
        if size((status.get(name) or {}).get("message", "")) > MAX_MESSAGE:
            yield too_long(STATUS / name / "message", MAX_METADATA)  # the wrong limit is the real server's


def _source(source: Object, path: Path) -> Iterator[FieldError]:
    name, inline = source.get("persistentVolumeName"), source.get("inlineVolumeSpec")
    if name is None and inline is None:
        yield required(path, ONE_SOURCE)
    elif name is not None and inline is not None:
        yield forbidden(path, ONE_SOURCE)
    elif name == "":
        yield required(path / "persistentVolumeName", "must specify non empty persistentVolumeName")
    elif inline is not None:
        yield from validate_volume_spec(inline, path / "inlineVolumeSpec", inline=True)


def _attached(attachment: Object, _: float) -> bool:
    return bool((attachment.get("status") or {}).get("attached"))


RESOURCE = Resource(
    group=GROUP,
    plural="volumeattachments",
    kind="VolumeAttachment",
    versions=versions("VolumeAttachment", "1.19", validate_v1=validate_v1),
    namespaced=False,
    subresources=(
        Subresource("status", versions=("v1",), prepare_update=keep_metadata_too, validate_update=validate_update),
    ),
    returns_deleted=True,
    validate=validate,
    validate_update=validate_update,
    unconditional_update=False,
    columns=(
        NAME,
        Column("Attacher", "string", ".spec.attacher", format="name"),
        Column("PV", "string", ".spec.source.persistentVolumeName"),
        Column("Node", "string", ".spec.nodeName"),
        Column("Attached", "boolean", _attached),
        AGE,
    ),
)
