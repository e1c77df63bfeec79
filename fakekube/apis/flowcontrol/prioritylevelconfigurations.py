"""PriorityLevelConfiguration. Follows pkg/registry/flowcontrol of v1.20."""

from __future__ import annotations

from fakekube.apis.resource import Resource, Subresource, Version

RESOURCE = Resource(
    group="flowcontrol.apiserver.k8s.io",
    plural="prioritylevelconfigurations",
    kind="PriorityLevelConfiguration",
    versions=(Version("v1beta1", storage=True),),
    namespaced=False,
    subresources=(Subresource("status"),),
)
