"""CSIDriver. Follows pkg/apis/storage and pkg/registry/storage/csidriver of v1.20."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from fakekube.apis import again
from fakekube.apis.columns import AGE, NAME
from fakekube.apis.equality import same
from fakekube.apis.resource import Column, Resource
from fakekube.apis.storage.versions import GROUP, versions
from fakekube.machinery.fielderrors import FieldError, Path, invalid, not_supported, required
from fakekube.machinery.goformat import Go
from fakekube.machinery.objects import Object

SPEC = Path("spec")
DEFAULTS = {"attachRequired": True, "podInfoOnMount": False, "fsGroupPolicy": "ReadWriteOnceWithFSType"}
GROUP_POLICIES = ("File", "None", "ReadWriteOnceWithFSType")
MODES = ("Persistent", "Ephemeral")
DISABLED = ("storageCapacity", "tokenRequests", "requiresRepublish")
"""Fields of features that are off in v1.20."""


def default(driver: Object) -> None:
    """Volumes are attached, and live longer than a pod."""
    spec = driver.get("spec")
    if spec is None:
        spec = driver["spec"] = {}
    spec.update({name: value for name, value in DEFAULTS.items() if spec.get(name) is None})
    if not spec.get("volumeLifecycleModes"):
        spec["volumeLifecycleModes"] = ["Persistent"]


def prepare_create(driver: Object) -> None:
    """Disabled fields go."""
    for name in DISABLED:
        driver["spec"].pop(name, None)


def prepare_update(new: Object, old: Object) -> None:
    """Disabled fields go, unless they are there already."""
    for name in DISABLED:
        if old["spec"].get(name) is None:
            new["spec"].pop(name, None)


def validate(driver: Object) -> Iterator[FieldError]:
    """The server judges a new driver twice, and so clients see these errors twice."""
    yield from again.created(driver)
    yield from _spec(driver["spec"])
    yield from again.judged(driver, namespaced=False)
    yield from _spec(driver["spec"])


def _spec(spec: Object) -> Iterator[FieldError]:
    if spec.get("attachRequired") is None:
        yield required(SPEC / "attachedRequired")
    if spec.get("podInfoOnMount") is None:
        yield required(SPEC / "podInfoOnMount")
    policy = spec.get("fsGroupPolicy")
    if policy is not None and policy not in GROUP_POLICIES:
        yield not_supported(SPEC / "fsGroupPolicy", policy, GROUP_POLICIES)
    for mode in spec.get("volumeLifecycleModes") or ():
        if mode not in MODES:
            yield not_supported(SPEC / "volumeLifecycleModes", mode, MODES)


def validate_update(new: Object, old: Object) -> Iterator[FieldError]:
    """The spec never changes."""
    yield from again.changed(new, old)
    if not same(new["spec"], old["spec"], "storage.CSIDriverSpec"):
        yield invalid(SPEC, Go(new["spec"], "storage.CSIDriverSpec"), "field is immutable")


def _flag(name: str, unset: bool) -> Callable[[Any, float], bool]:
    def cell(driver: Any, _: float) -> bool:
        value = driver["spec"].get(name)
        return unset if value is None else bool(value)

    return cell


def _modes(driver: Object, _: float) -> str:
    return ",".join(driver["spec"].get("volumeLifecycleModes") or ()) or "<none>"


RESOURCE = Resource(
    group=GROUP,
    plural="csidrivers",
    kind="CSIDriver",
    versions=versions("CSIDriver", "1.19", stored="v1beta1", defaults=default),
    namespaced=False,
    returns_deleted=True,
    prepare_create=prepare_create,
    prepare_update=prepare_update,
    validate=validate,
    validate_update=validate_update,
    unconditional_update=False,
    columns=(
        NAME,
        Column("AttachRequired", "boolean", _flag("attachRequired", unset=True)),
        Column("PodInfoOnMount", "boolean", _flag("podInfoOnMount", unset=False)),
        Column("Modes", "string", _modes),
        AGE,
    ),
)
