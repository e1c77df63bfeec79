"""What a release serves is data: other releases than v1.20 differ by the ranges that versions carry."""

from __future__ import annotations

import pytest

from fakekube import release
from fakekube.apis import sim
from fakekube.apis.catalog import builtin
from fakekube.apis.resource import api_version
from fakekube.server import discovery

GROUPS = {
    "apiregistration.k8s.io": "v1 v1beta1",
    "apps": "v1",
    "events.k8s.io": "v1 v1beta1",
    "authentication.k8s.io": "v1 v1beta1",
    "authorization.k8s.io": "v1 v1beta1",
    "autoscaling": "v1 v2beta1 v2beta2",
    "batch": "v1 v1beta1",
    "certificates.k8s.io": "v1 v1beta1",
    "networking.k8s.io": "v1 v1beta1",
    "extensions": "v1beta1",
    "policy": "v1beta1",
    "rbac.authorization.k8s.io": "v1 v1beta1",
    "storage.k8s.io": "v1 v1beta1",
    "admissionregistration.k8s.io": "v1 v1beta1",
    "apiextensions.k8s.io": "v1 v1beta1",
    "scheduling.k8s.io": "v1 v1beta1",
    "coordination.k8s.io": "v1 v1beta1",
    "node.k8s.io": "v1 v1beta1",
    "discovery.k8s.io": "v1beta1",
    "flowcontrol.apiserver.k8s.io": "v1beta1",
}
"""Of v1.20, in the order of /apis."""
NEW_IN_1_20 = {
    "flowcontrol.apiserver.k8s.io/v1beta1 FlowSchema",
    "flowcontrol.apiserver.k8s.io/v1beta1 PriorityLevelConfiguration",
    "node.k8s.io/v1 RuntimeClass",
}
NEW_IN_1_21 = {
    "batch/v1 CronJob",
    "discovery.k8s.io/v1 EndpointSlice",
    "policy/v1 PodDisruptionBudget",
}
GONE_IN_1_22 = {
    "admissionregistration.k8s.io/v1beta1 MutatingWebhookConfiguration",
    "admissionregistration.k8s.io/v1beta1 ValidatingWebhookConfiguration",
    "apiextensions.k8s.io/v1beta1 CustomResourceDefinition",
    "apiregistration.k8s.io/v1beta1 APIService",
    "authentication.k8s.io/v1beta1 TokenReview",
    "authorization.k8s.io/v1beta1 LocalSubjectAccessReview",
    "authorization.k8s.io/v1beta1 SelfSubjectAccessReview",
    "authorization.k8s.io/v1beta1 SelfSubjectRulesReview",
    "authorization.k8s.io/v1beta1 SubjectAccessReview",
    "certificates.k8s.io/v1beta1 CertificateSigningRequest",
    "coordination.k8s.io/v1beta1 Lease",
    "extensions/v1beta1 Ingress",
    "networking.k8s.io/v1beta1 Ingress",
    "networking.k8s.io/v1beta1 IngressClass",
    "rbac.authorization.k8s.io/v1beta1 ClusterRole",
    "rbac.authorization.k8s.io/v1beta1 ClusterRoleBinding",
    "rbac.authorization.k8s.io/v1beta1 Role",
    "rbac.authorization.k8s.io/v1beta1 RoleBinding",
    "scheduling.k8s.io/v1beta1 PriorityClass",
    "storage.k8s.io/v1beta1 CSIDriver",
    "storage.k8s.io/v1beta1 CSINode",
    "storage.k8s.io/v1beta1 StorageClass",
    "storage.k8s.io/v1beta1 VolumeAttachment",
}
"""As Kubernetes' deprecation guide lists them."""
GONE_IN_1_25 = {
    "autoscaling/v2beta1 HorizontalPodAutoscaler",
    "batch/v1beta1 CronJob",
    "discovery.k8s.io/v1beta1 EndpointSlice",
    "events.k8s.io/v1beta1 Event",
    "node.k8s.io/v1beta1 RuntimeClass",
    "policy/v1beta1 PodDisruptionBudget",
    "policy/v1beta1 PodSecurityPolicy",
}
RELEASES = ("1.19", "1.20", "1.21", "1.22", "1.25")


def served(name: str) -> set[str]:
    """Every version and kind of a release."""
    catalog = builtin(name)
    return {
        f"{api_version(resource.group, version.name)} {resource.kind}"
        for resource in catalog.listed
        for version in resource.versions
        if version.served(catalog.release)
    }


def test_groups() -> None:
    groups = discovery.group_list(builtin())["groups"]
    assert [(g["name"], " ".join(v["version"] for v in g["versions"])) for g in groups] == list(GROUPS.items())


def test_kinds() -> None:
    assert len(served("1.20")) == 82


@pytest.mark.parametrize(
    ("older", "newer", "new", "gone"),
    [
        ("1.19", "1.20", NEW_IN_1_20, set()),
        ("1.20", "1.21", NEW_IN_1_21, set()),
        ("1.21", "1.22", set(), GONE_IN_1_22),
        ("1.24", "1.25", set(), GONE_IN_1_25),
    ],
)
def test_differences(older: str, newer: str, new: set[str], gone: set[str]) -> None:
    before, after = served(older), served(newer)
    assert (after - before, before - after) == (new, gone)


@pytest.mark.parametrize("name", RELEASES)
def test_storage(name: str) -> None:
    """Objects are kept in one version, and what clients are told of it is a version that they can ask for."""
    catalog = builtin(name)
    for resource in catalog.listed:
        assert [version.storage for version in resource.versions].count(True) == 1, resource.qualified
        assert catalog.by_plural(resource.group, resource.persisted_in(catalog.release), resource.plural)


@pytest.mark.parametrize("name", RELEASES)
def test_documents(name: str) -> None:
    """Discovery of any release names the kinds of it and nothing else."""
    catalog = builtin(name)
    found = set()
    for group in catalog.groups:
        for version in catalog.versions(group):
            document = discovery.resource_list(catalog, group, version)
            assert document is not None
            resources = [entry for entry in document["resources"] if "/" not in entry["name"]]
            found |= {f"{api_version(group, version)} {entry['kind']}" for entry in resources}
    assert found == served(name)
    assert sim.GROUP not in catalog.groups


def test_served_releases() -> None:
    """A release is served if its field shapes are there; any other is refused by name."""
    with pytest.raises(ValueError, match=r"unknown Kubernetes version '1.21'; known: 1.20"):
        release.version("1.21")
