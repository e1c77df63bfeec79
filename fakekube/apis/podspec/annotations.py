"""Annotations of pods that the server itself reads: seccomp, AppArmor, tolerations, mirror pods."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fakekube.apis.podspec.paths import descending
from fakekube.apis.podspec.scheduling import validate_tolerations
from fakekube.machinery import jsontext
from fakekube.machinery.fielderrors import FieldError, Path, forbidden, invalid
from fakekube.machinery.goformat import quote
from fakekube.machinery.objects import Object

MIRROR = "kubernetes.io/config.mirror"
TOLERATIONS = "scheduler.alpha.kubernetes.io/tolerations"
SECCOMP_POD = "seccomp.security.alpha.kubernetes.io/pod"
SECCOMP_CONTAINER = "container.seccomp.security.alpha.kubernetes.io/"
APPARMOR_CONTAINER = "container.apparmor.security.beta.kubernetes.io/"

LOCALHOST = "localhost/"
UNCONFINED = "unconfined"
RUNTIME_DEFAULT = "runtime/default"
DOCKER_DEFAULT = "docker/default"

TYPE_MISMATCH = "seccomp type in annotation and field must match"
PROFILE_MISMATCH = "seccomp profile in annotation and field must match"
TOLERATION_FIELDS = {name.lower(): name for name in ("key", "operator", "value", "effect", "tolerationSeconds")}


def validate_annotations(annotations: Mapping[str, str], spec: Object, path: Path) -> Iterator[FieldError]:
    """Yield what is wrong with the annotations that mean something, of a pod or a template."""
    if MIRROR in annotations and not spec.get("nodeName"):
        why = "must set spec.nodeName if mirror pod annotation is set"
        yield invalid(path @ MIRROR, annotations[MIRROR], why)
    if annotations.get(TOLERATIONS):
        yield from _tolerations(annotations[TOLERATIONS], path)
    if SECCOMP_POD in annotations:
        yield from _seccomp(annotations[SECCOMP_POD], path / SECCOMP_POD)
    for key, profile in annotations.items():
        if key.startswith(SECCOMP_CONTAINER):
            yield from _seccomp(profile, path / key)
    for key, profile in annotations.items():
        if key.startswith(APPARMOR_CONTAINER):
            yield from _apparmor(key.removeprefix(APPARMOR_CONTAINER), profile, spec, path @ key)


def validate_annotations_update(
    new: Mapping[str, str], old: Mapping[str, str], spec: Object, path: Path
) -> Iterator[FieldError]:
    """AppArmor profiles and the mark of a mirror pod stay as they are."""
    for key, value in old.items():
        if new.get(key) != value and (what := _kept(key)):
            yield forbidden(path @ key, f"may not remove or update {what}")
    for key in new:
        if key not in old and (what := _kept(key)):
            yield forbidden(path @ key, f"may not add {what}")
    yield from validate_annotations(new, spec, path)


def _kept(key: str) -> str:
    if key.startswith(APPARMOR_CONTAINER):
        return "AppArmor annotations"
    return "mirror pod annotation" if key == MIRROR else ""


def _tolerations(text: str, path: Path) -> Iterator[FieldError]:
    try:
        tolerations = _parse_tolerations(text)
    except ValueError as error:
        yield invalid(path, TOLERATIONS, str(error))
        return
    yield from validate_tolerations(tolerations, path / TOLERATIONS)


def _parse_tolerations(text: str) -> Sequence[Object]:
    """As encoding/json reads the internal type: field names in any case, null for nothing. Raises ValueError."""
    items: Any = jsontext.loads(text.encode(errors="surrogatepass"))
    if items is not None and not isinstance(items, list):
        raise ValueError(jsontext.mismatch(items, "[]core.Toleration"))
    return [_parse_toleration(item) for item in items or ()]


def _parse_toleration(item: Any) -> Object:
    if item is not None and not isinstance(item, dict):
        raise ValueError(jsontext.mismatch(item, "core.Toleration"))
    toleration = {}
    for name, value in (item or {}).items():
        field = TOLERATION_FIELDS.get(name.lower())
        if field is None or value is None:
            continue
        wanted = "int64" if field == "tolerationSeconds" else "string"
        if type(value) is not (int if wanted == "int64" else str):
            kind = f"number {value}" if isinstance(value, float) and wanted == "int64" else jsontext.kind_of(value)
            where = f"Toleration.{field[:1].upper()}{field[1:]}"
            raise ValueError(f"json: cannot unmarshal {kind} into Go struct field {where} of type {wanted}")
        toleration[field] = value
    return toleration


def _seccomp(profile: str, path: Path) -> Iterator[FieldError]:
    if profile.startswith(LOCALHOST):
        yield from descending(profile.removeprefix(LOCALHOST), path)
    elif profile not in (RUNTIME_DEFAULT, DOCKER_DEFAULT, UNCONFINED):
        yield invalid(path, profile, "must be a valid seccomp profile")


def _apparmor(container: str, profile: str, spec: Object, path: Path) -> Iterator[FieldError]:
    named = [*(spec.get("initContainers") or ()), *(spec.get("containers") or ())]
    if not any(one.get("name", "") == container for one in named):
        yield invalid(path, container, "container not found")
    if profile not in ("", RUNTIME_DEFAULT, UNCONFINED) and not profile.startswith(LOCALHOST):
        yield invalid(path, profile, f"invalid AppArmor profile name: {quote(profile)}")


def validate_seccomp_match(annotations: Mapping[str, str], spec: Object, path: Path) -> Iterator[FieldError]:
    """Where a seccomp profile is given by an annotation and by the field, both say the same."""
    if not any(key == SECCOMP_POD or key.startswith(SECCOMP_CONTAINER) for key in annotations):
        return
    holders = [(spec, path, SECCOMP_POD)]
    for name in ("initContainers", "containers"):
        for index, container in enumerate(spec.get(name) or ()):
            holders.append((container, path / name @ index, SECCOMP_CONTAINER + container.get("name", "")))
    for holder, here, key in holders:
        profile = (holder.get("securityContext") or {}).get("seccompProfile")
        if profile is not None and key in annotations:
            yield from _match(annotations[key], profile, here / "securityContext" / "seccompProfile")


def _match(annotation: str, profile: Object, path: Path) -> Iterator[FieldError]:
    kind, local = profile.get("type"), profile.get("localhostProfile")
    same_type = {
        "Unconfined": annotation == UNCONFINED,
        "RuntimeDefault": annotation in (RUNTIME_DEFAULT, DOCKER_DEFAULT),
        "Localhost": annotation.startswith(LOCALHOST),
    }
    if not same_type.get(kind or "", True):
        yield forbidden(path / "type", TYPE_MISMATCH)
    elif kind == "Localhost" and annotation.removeprefix(LOCALHOST) != local:
        yield forbidden(path / "localhostProfile", PROFILE_MISMATCH)


def seccomp_annotation(profile: Object) -> str:
    """The annotation that says the same as a field; "" where none does."""
    if profile.get("type") == "Localhost" and profile.get("localhostProfile") is not None:
        return LOCALHOST + str(profile["localhostProfile"])
    return {"Unconfined": UNCONFINED, "RuntimeDefault": RUNTIME_DEFAULT}.get(profile.get("type", ""), "")


def seccomp_profile(annotation: str) -> Object | None:
    """The field that says the same as an annotation; None where none does."""
    if annotation.startswith(LOCALHOST):
        local = annotation.removeprefix(LOCALHOST)
        return {"type": "Localhost", "localhostProfile": local} if local else None
    if annotation in (RUNTIME_DEFAULT, DOCKER_DEFAULT):
        return {"type": "RuntimeDefault"}
    return {"type": "Unconfined"} if annotation == UNCONFINED else None
