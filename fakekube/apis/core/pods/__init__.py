"""Pod, in a package by part. Follows pkg/registry/core/pod and pkg/apis/core of v1.20."""

from __future__ import annotations

from fakekube.apis.resource import Resource, Subresource, Version

SUBRESOURCES = (
    Subresource("attach", ("create", "get"), kind="PodAttachOptions"),
    Subresource("binding", ("create",), kind="Binding"),
    Subresource("eviction", ("create",), "policy", "v1beta1", "Eviction"),
    Subresource("exec", ("create", "get"), kind="PodExecOptions"),
    Subresource("log", ("get",)),
    Subresource("portforward", ("create", "get"), kind="PodPortForwardOptions"),
    Subresource("proxy", ("create", "delete", "get", "patch", "update"), kind="PodProxyOptions"),
    Subresource("status"),
)

RESOURCE = Resource(
    group="",
    plural="pods",
    kind="Pod",
    short_names=("po",),
    categories=("all",),
    versions=(Version("v1", storage=True),),
    subresources=SUBRESOURCES,
)
