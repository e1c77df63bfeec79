"""Pod, in a package by part. Follows pkg/registry/core/pod and pkg/apis/core of v1.20."""

from __future__ import annotations

from typing import Any

from fakekube.apis.core.pods.columns import COLUMNS, row_conditions
from fakekube.apis.core.pods.strategy import (
    SELECTABLE,
    default_pod,
    grace_period,
    prepare_create,
    prepare_status,
    prepare_update,
)
from fakekube.apis.core.pods.validation import validate, validate_status_update, validate_update
from fakekube.apis.resource import Resource, Subresource, Version


def keep_everything(new: Any, old: Any) -> None:
    """The binding's endpoint changes what it has to and nothing else."""


SUBRESOURCES = (
    Subresource("attach", ("create", "get"), kind="PodAttachOptions"),
    Subresource("binding", ("create",), kind="Binding", prepare_update=keep_everything),
    Subresource("eviction", ("create",), "policy", "v1beta1", "Eviction"),
    Subresource("exec", ("create", "get"), kind="PodExecOptions"),
    Subresource("log", ("get",)),
    Subresource("portforward", ("create", "get"), kind="PodPortForwardOptions"),
    Subresource("proxy", ("create", "delete", "get", "patch", "update"), kind="PodProxyOptions"),
    Subresource("status", prepare_update=prepare_status, validate_update=validate_status_update),
)

RESOURCE = Resource(
    group="",
    plural="pods",
    kind="Pod",
    short_names=("po",),
    categories=("all",),
    versions=(Version("v1", storage=True, defaults=default_pod),),
    subresources=SUBRESOURCES,
    prepare_create=prepare_create,
    prepare_update=prepare_update,
    validate=validate,
    validate_update=validate_update,
    grace_period=grace_period,
    returns_deleted=True,
    selectable=SELECTABLE,
    columns=COLUMNS,
    row_conditions=row_conditions,
)
