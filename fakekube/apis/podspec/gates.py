"""Fields whose feature is off in v1.20: a client that sends them gets them dropped. Follows pkg/api/pod/util.go."""

from __future__ import annotations

from fakekube.machinery.objects import Object


def drop_disabled_fields(spec: Object, old: Object | None = None) -> None:
    """Drop the disabled fields of `spec` that `old`, the spec before an update, does not use."""


def drop_disabled_template_fields(template: Object, old: Object | None = None) -> None:
    """The same for a pod template; to be called wherever one is created or updated."""
    drop_disabled_fields(template.setdefault("spec", {}), (old or {}).get("spec"))
