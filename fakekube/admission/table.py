"""All plugins in v1.20's order, and which of them are on by default. Follows pkg/kubeapiserver/options/plugins.go."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib import import_module

from fakekube.admission import (
    certificates,
    claim_resize,
    default_ingress_class,
    default_storage_class,
    default_toleration_seconds,
    limit_ranger,
    namespace_lifecycle,
    node_restriction,
    priority,
    resource_quota,
    runtime_class,
    service_account,
    storage_object_in_use,
    taint_nodes,
    webhooks,
)
from fakekube.admission.plugin import Make, Plugin, Wiring
from fakekube.machinery.objects import Object


def _ready(plugin: Plugin) -> Make:
    """A plugin that needs no wiring and takes no configuration."""
    return lambda _wiring, _configuration: plugin


def _optional(module: str, attribute: str = "plugin") -> Make:
    """A plugin that is off by default: a Plugin or Make in a module that is imported once somebody wants it."""

    def make(wiring: Wiring, configuration: Object | None) -> Plugin:
        found: Make | Plugin = getattr(import_module(f"fakekube.admission.{module}"), attribute)
        return found if isinstance(found, Plugin) else found(wiring, configuration)

    return make


PLUGINS: dict[str, Make] = {
    "AlwaysAdmit": _optional("always", "ADMIT"),
    "NamespaceAutoProvision": _optional("namespaces_on_demand", "AUTO_PROVISION"),
    "NamespaceLifecycle": _ready(namespace_lifecycle.PLUGIN),
    "NamespaceExists": _optional("namespaces_on_demand", "EXISTS"),
    "SecurityContextDeny": _optional("security_context_deny", "PLUGIN"),
    "LimitPodHardAntiAffinityTopology": _optional("hard_anti_affinity", "PLUGIN"),
    "LimitRanger": _ready(limit_ranger.PLUGIN),
    "ServiceAccount": _ready(service_account.PLUGIN),
    "NodeRestriction": _ready(node_restriction.PLUGIN),
    "TaintNodesByCondition": _ready(taint_nodes.PLUGIN),
    "AlwaysPullImages": _optional("always_pull_images", "PLUGIN"),
    "ImagePolicyWebhook": _optional("image_policy", "make"),
    "PodSecurityPolicy": _optional("podsecuritypolicy"),
    "PodNodeSelector": _optional("pod_node_selector", "make"),
    "Priority": _ready(priority.PLUGIN),
    "DefaultTolerationSeconds": _ready(default_toleration_seconds.PLUGIN),
    "PodTolerationRestriction": _optional("pod_toleration_restriction", "make"),
    "DenyEscalatingExec": _optional("deny_exec", "ESCALATING"),
    "DenyExecOnPrivileged": _optional("deny_exec", "PRIVILEGED"),
    "EventRateLimit": _optional("event_rate_limit", "make"),
    "ExtendedResourceToleration": _optional("extended_resource_toleration", "PLUGIN"),
    "PersistentVolumeLabel": _optional("persistent_volume_label", "PLUGIN"),
    "DefaultStorageClass": _ready(default_storage_class.PLUGIN),
    "StorageObjectInUseProtection": _ready(storage_object_in_use.PLUGIN),
    "OwnerReferencesPermissionEnforcement": _optional("owner_references", "make"),
    "PersistentVolumeClaimResize": _ready(claim_resize.PLUGIN),
    "RuntimeClass": _ready(runtime_class.PLUGIN),
    "CertificateApproval": certificates.approval,
    "CertificateSigning": certificates.signing,
    "CertificateSubjectRestriction": _ready(certificates.SUBJECT_RESTRICTION),
    "DefaultIngressClass": _ready(default_ingress_class.PLUGIN),
    "MutatingAdmissionWebhook": webhooks.mutating,
    "ValidatingAdmissionWebhook": webhooks.validating,
    "ResourceQuota": resource_quota.make,
    "AlwaysDeny": _optional("always", "DENY"),
}
DEFAULT = frozenset(
    {
        "NamespaceLifecycle", "LimitRanger", "ServiceAccount", "DefaultStorageClass", "PersistentVolumeClaimResize",
        "DefaultTolerationSeconds", "MutatingAdmissionWebhook", "ValidatingAdmissionWebhook", "ResourceQuota",
        "StorageObjectInUseProtection", "Priority", "TaintNodesByCondition", "RuntimeClass", "CertificateApproval",
        "CertificateSigning", "CertificateSubjectRestriction", "DefaultIngressClass",
    }
)  # fmt: skip

USUAL = ("NodeRestriction",)
"""Nobody's default, but every installer switches it on, and so do the options: to switch it off is no contradiction."""


def names(enable: Iterable[str], disable: Iterable[str]) -> list[str]:
    """Those that are on, in order. Raises ValueError for a name that is not known or is given in both lists."""
    enable, disable = list(enable), list(disable)
    for flag, given in (("enable", enable), ("disable", disable)):
        for name in given:
            if name not in PLUGINS:
                raise ValueError(f'{flag}-admission-plugins plugin "{name}" is unknown')
    if tuple(enable) == USUAL:
        enable = [name for name in enable if name not in disable]
    if both := sorted({*enable} & {*disable}):
        raise ValueError(f"[{' '.join(both)}] in enable-admission-plugins and disable-admission-plugins overlapped")
    on = (DEFAULT | {*enable}) - {*disable}
    return [name for name in PLUGINS if name in on]


def plugins(
    enable: Iterable[str], disable: Iterable[str], wiring: Wiring, configurations: Mapping[str, Object] | None = None
) -> list[Plugin]:
    """The plugins that are on. Raises ValueError for a bad name or a bad configuration."""
    given = configurations or {}
    return [make(name, wiring, given.get(name)) for name in names(enable, disable)]


def make(name: str, wiring: Wiring, configuration: Object | None = None) -> Plugin:
    """The plugin of that name, on or off. Raises ValueError for a bad configuration."""
    try:
        return PLUGINS[name](wiring, configuration)
    except ValueError as error:
        raise ValueError(f'couldn\'t init admission plugin "{name}": {error}') from None
