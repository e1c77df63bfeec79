"""What a pod has to look like, and what of it may change. Follows pkg/apis/core/validation of v1.20."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fakekube.apis import meta
from fakekube.apis.podspec.annotations import (
    validate_annotations,
    validate_annotations_update,
    validate_seccomp_match,
)
from fakekube.apis.podspec.checks import MAX_INT32, WHITESPACE, inclusive
from fakekube.apis.podspec.containers import validate_images
from fakekube.apis.podspec.options import DEFAULT_OPTIONS, Options, options_for
from fakekube.apis.podspec.scheduling import validate_added_tolerations
from fakekube.apis.podspec.spec import validate_pod_spec
from fakekube.machinery import names
from fakekube.machinery.fielderrors import (
    FieldError,
    Path,
    duplicate,
    forbidden,
    internal,
    invalid,
    not_supported,
    required,
)
from fakekube.machinery.goformat import Go
from fakekube.machinery.objects import Object

SPEC, STATUS, METADATA = Path("spec"), Path("status"), Path("metadata")
CONTAINERS, INIT_CONTAINERS = SPEC / "containers", SPEC / "initContainers"
ANNOTATIONS = METADATA / "annotations"
SYSTEM_CONDITIONS = ("PodScheduled", "Ready", "Initialized")
ONLY_MUTABLE = (
    "pod updates may not change fields other than `spec.containers[*].image`, `spec.initContainers[*].image`, "
    "`spec.activeDeadlineSeconds` or `spec.tolerations` (only additions to existing tolerations)"
)


def validate(pod: Object) -> Iterator[FieldError]:
    """Yield what is wrong with a new pod, beyond the metadata that every kind has."""
    yield from meta.validate_standard_finalizers(pod["metadata"])
    yield from _annotations_and_spec(pod, DEFAULT_OPTIONS)
    if pod["spec"].get("ephemeralContainers"):
        yield forbidden(SPEC / "ephemeralContainers", "cannot be set on create")
    yield from validate_seccomp_match(pod["metadata"].get("annotations") or {}, pod["spec"], SPEC)


def _annotations_and_spec(pod: Object, options: Options) -> Iterator[FieldError]:
    metadata, spec = pod["metadata"], pod["spec"]
    if annotations := metadata.get("annotations"):
        yield from validate_annotations(annotations, spec, ANNOTATIONS)
    yield from validate_pod_spec(spec, SPEC, options, pod_name=metadata.get("name", ""))
    if not spec.get("serviceAccountName"):
        yield from _no_tokens(spec.get("volumes") or ())
    yield from validate_images(spec.get("containers") or (), CONTAINERS)
    yield from validate_images(spec.get("initContainers") or (), INIT_CONTAINERS)


def _no_tokens(volumes: Sequence[Object]) -> Iterator[FieldError]:
    for index, volume in enumerate(volumes):
        for position, source in enumerate((volume.get("projected") or {}).get("sources") or ()):
            if source.get("serviceAccountToken") is not None:
                here = SPEC / "volumes" @ index / "projected" / "sources" @ position / "serviceAccountToken"
                yield forbidden(here, "must not be specified when serviceAccountName is not set")


def validate_update(new: Object, old: Object) -> Iterator[FieldError]:
    """Yield what is wrong with an update: images, a shorter deadline and more tolerations are all that may change."""
    yield from _metadata_again(new["metadata"], old["metadata"])
    yield from _annotations_and_spec(new, options_for(old["spec"]))
    yield from _annotations_update(new, old)
    spec, before = new["spec"], old["spec"]
    for name in ("containers", "initContainers"):
        containers, were = spec.get(name) or (), before.get(name) or ()
        if len(containers) != len(were):
            yield forbidden(SPEC / name, "pod updates may not add or remove containers")
            return
        yield from _images(containers, SPEC / name)
    error, stop = _deadline(spec.get("activeDeadlineSeconds"), before.get("activeDeadlineSeconds"))
    yield from error
    if stop:
        return
    here = SPEC / "tolerations"
    yield from validate_added_tolerations(spec.get("tolerations") or (), before.get("tolerations") or (), here)
    yield from _the_rest(spec, before)


def _metadata_again(new: Object, old: Object) -> Iterator[FieldError]:
    """The server judges the metadata of an updated pod twice, and so clients see these errors twice."""
    yield from meta.validate_object_meta_update(new, old)
    yield from meta.validate_standard_finalizers(new)
    yield from meta.validate_object_meta(new, True, names.dns_subdomain)
    yield from meta.validate_standard_finalizers(new)


def _annotations_update(new: Object, old: Object) -> Iterator[FieldError]:
    now, before = (pod["metadata"].get("annotations") or {} for pod in (new, old))
    yield from validate_annotations_update(now, before, new["spec"], ANNOTATIONS)


def _images(containers: Sequence[Object], path: Path) -> Iterator[FieldError]:
    for index, container in enumerate(containers):
        image = container.get("image", "")
        if not image:
            yield required(path @ index / "image")
        if image != image.strip():
            yield invalid(path @ index / "image", image, WHITESPACE)


def _deadline(new: int | None, old: int | None) -> tuple[list[FieldError], bool]:
    """The errors, and whether the server looks no further."""
    path = SPEC / "activeDeadlineSeconds"
    if new is None:
        why = "must not update from a positive integer to nil value"
        return ([] if old is None else [invalid(path, None, why)]), False
    if not 0 <= new <= MAX_INT32:
        return [invalid(path, new, inclusive(0, MAX_INT32))], True
    if old is not None and old < new:
        return [invalid(path, new, "must be less than or equal to previous value")], True
    return [], False


def mutable_parts_of(spec: Object, old: Object) -> Object:
    """`spec` with everything that may change taken from `old`: what is left differs only where it must not."""
    kept = {
        name: [
            {**container, "image": was.get("image", "")}
            for container, was in zip(spec.get(name) or (), old.get(name) or (), strict=True)
        ]
        for name in ("containers", "initContainers")
        if spec.get(name)
    }
    munged = {**spec, **kept}
    for name in ("activeDeadlineSeconds", "tolerations"):
        if name in old:
            munged[name] = old[name]
        else:
            munged.pop(name, None)
    return munged


def _the_rest(spec: Object, old: Object) -> Iterator[FieldError]:
    munged = mutable_parts_of(spec, old)
    if munged == old:
        return
    from fakekube.apis.podspec.difference import spec_difference

    if difference := spec_difference(munged, old):
        yield forbidden(SPEC, f"{ONLY_MUTABLE}\n{difference}")


def validate_status_update(new: Object, old: Object) -> Iterator[FieldError]:
    """Yield what is wrong with an update of the status."""
    yield from meta.validate_object_meta_update(new["metadata"], old["metadata"])
    yield from meta.validate_standard_finalizers(new["metadata"])
    yield from _annotations_update(new, old)
    status, before = new.get("status") or {}, old.get("status") or {}
    yield from _conditions(status.get("conditions") or ())
    node = status.get("nominatedNodeName", "")
    if node and node != before.get("nominatedNodeName", ""):
        yield from (invalid(STATUS / "nominatedNodeName", node, wrong) for wrong in names.dns_subdomain(node))
    policy = old["spec"].get("restartPolicy", "")
    for name in ("containerStatuses", "initContainerStatuses"):
        yield from _no_revival(status.get(name) or (), before.get(name) or (), STATUS / name, policy)
    errors = list(_addresses(status.get("podIPs") or ()))
    if errors and not any(_addresses(before.get("podIPs") or ())):
        yield from errors


def _conditions(conditions: Sequence[Object]) -> Iterator[FieldError]:
    for index, condition in enumerate(conditions):
        type_ = condition.get("type", "")
        if type_ not in SYSTEM_CONDITIONS:
            here = METADATA / "conditions" @ index / "Type"
            yield from (invalid(here, type_, wrong) for wrong in names.qualified_name(type_))


def _no_revival(new: Sequence[Object], old: Sequence[Object], path: Path, policy: str) -> Iterator[FieldError]:
    """A container that ended for good does not run again."""
    if policy == "Always":
        return
    for index, was in enumerate(old):
        ended = (was.get("state") or {}).get("terminated")
        if ended is None or (ended.get("exitCode") and policy == "OnFailure"):
            continue
        for status in new:
            if status.get("name") == was.get("name") and (status.get("state") or {}).get("terminated") is None:
                yield forbidden(path @ index / "state", "may not be transitioned to non-terminated state")


def _addresses(addresses: Sequence[Object]) -> Iterator[FieldError]:
    path = STATUS / "podIPs"
    texts = [address.get("ip", "") for address in addresses]
    for index, text in enumerate(texts):
        yield from (invalid(path @ index, text, wrong) for wrong in names.ip(text))
    if len(texts) > 1:
        yield from _one_of_each_family(texts, addresses, path)


def _one_of_each_family(texts: list[str], addresses: Sequence[Object], path: Path) -> Iterator[FieldError]:
    parsed = [names.parse_ip(text) for text in texts]
    if None in parsed:
        yield internal(path, "failed to check for dual stack with error:ip <nil> is invalid")
    if None in parsed or len({len(data) for data in parsed if data}) < 2 or len(texts) > 2:
        shown = Go(list(addresses), "[]core.PodIP")
        yield invalid(path, shown, "may specify no more than one IP for each IP family")
    for index, text in enumerate(texts):
        if text in texts[:index]:
            yield duplicate(path @ index, Go(addresses[index], "core.PodIP"))


def validate_binding(binding: Object) -> Iterator[FieldError]:
    """Yield what is wrong with a Binding."""
    target = binding.get("target") or {}
    if target.get("kind") and target["kind"] != "Node":
        yield not_supported(Path("target") / "kind", target["kind"], ("Node", "<empty>"))
    if not target.get("name"):
        yield required(Path("target") / "name")
