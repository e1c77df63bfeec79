"""Fields whose feature is off in v1.20: a client that sends them gets them dropped. Follows pkg/api/pod/util.go."""

from __future__ import annotations

from fakekube.apis.podspec.defaults import CONTAINER_LISTS
from fakekube.machinery.objects import Object


def drop_disabled_fields(spec: Object, old: Object | None = None) -> None:
    """Drop the disabled fields of `spec` that `old`, the spec before an update, does not use."""
    old = old or {}
    if "ephemeralContainers" in spec and not old.get("ephemeralContainers"):
        del spec["ephemeralContainers"]
    volumes = spec.get("volumes") or ()
    if any("ephemeral" in volume for volume in volumes) and not _uses_csi(old):
        for volume in volumes:
            volume.pop("ephemeral", None)
    _force_proc_mount(spec, old)


def drop_disabled_template_fields(template: Object, old: Object | None = None) -> None:
    """The same for a pod template; to be called wherever one is created or updated."""
    if template.get("spec"):
        drop_disabled_fields(template["spec"], (old or {}).get("spec"))


def _force_proc_mount(spec: Object, old: Object) -> None:
    contexts = [context for context in _contexts(spec) if context.get("procMount") is not None]
    if not contexts or any(context.get("procMount", "Default") != "Default" for context in _contexts(old)):
        return
    for context in contexts:
        context["procMount"] = "Default"


def _contexts(spec: Object) -> list[Object]:
    return [
        container["securityContext"]
        for name in CONTAINER_LISTS
        for container in spec.get(name) or ()
        if container.get("securityContext") is not None
    ]


def _uses_csi(spec: Object) -> bool:
    """The server asks for CSI volumes where it means ephemeral ones."""
    return any(volume.get("csi") is not None for volume in spec.get("volumes") or ())
