"""/healthz, /livez and /readyz with their checks. Follows apiserver's server/healthz.

The checks are kube-apiserver's; everything that they speak of is done before the socket opens, so they pass.
"""

from __future__ import annotations

from collections.abc import Sequence

_HOOKS = (
    "start-kube-apiserver-admission-initializer",
    "generic-apiserver-start-informers",
    "priority-and-fairness-config-consumer",
    "priority-and-fairness-filter",
    "start-apiextensions-informers",
    "start-apiextensions-controllers",
    "crd-informer-synced",
    "bootstrap-controller",
    "rbac/bootstrap-roles",
    "scheduling/bootstrap-system-priority-classes",
    "priority-and-fairness-config-producer",
    "start-cluster-authentication-info-controller",
    "aggregator-reload-proxy-client-cert",
    "start-kube-aggregator-informers",
    "apiservice-registration-controller",
    "apiservice-status-available-controller",
    "kube-apiserver-autoregistration",
)
_EXTENSION_HOOKS = (
    "crd-informer-synced",
    "generic-apiserver-start-informers",
    "priority-and-fairness-config-consumer",
    "priority-and-fairness-filter",
    "start-apiextensions-controllers",
    "start-apiextensions-informers",
)
_FIRST = ("ping", "log", "etcd")
_LAST = (
    *(f"poststarthook/{hook}" for hook in _HOOKS),
    "autoregister-completion",
    "poststarthook/apiservice-openapi-controller",
)
CHECKS: dict[str, tuple[str, ...]] = {
    "healthz": (*_FIRST, *_LAST),
    "livez": (*_FIRST, *_LAST),
    "readyz": (*_FIRST, "informer-sync", *_LAST, "shutdown"),
}
"""Endpoint -> its checks in order."""


def report(name: str, *, verbose: bool, exclude: Sequence[str]) -> str:
    """The text of an endpoint whose checks all pass."""
    if not verbose:
        return "ok"
    lines = [f"[+]{check} excluded: ok" if check in exclude else f"[+]{check} ok" for check in CHECKS[name]]
    unknown = sorted({check for check in exclude if check not in CHECKS[name]})
    if unknown:
        quoted = ",".join(f'"{check}"' for check in unknown)
        lines.append(f"warn: some health checks cannot be excluded: no matches for {quoted}")
    return "\n".join([*lines, f"{name} check passed", ""])


def paths() -> list[str]:
    """Every path under which a check is served."""
    return [path for name, checks in CHECKS.items() for path in (f"/{name}", *(f"/{name}/{check}" for check in checks))]


def extension_paths() -> list[str]:
    """The paths that the innermost server of the real chain lists in its 404."""
    hooks = tuple(f"poststarthook/{hook}" for hook in _EXTENSION_HOOKS)
    found = []
    for name in CHECKS:
        extra = ("informer-sync", "shutdown") if name == "readyz" else ()
        found += [f"/{name}", *(f"/{name}/{check}" for check in (*_FIRST, *hooks, *extra))]
    return found
