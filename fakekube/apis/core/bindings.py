"""Binding. Follows pkg/registry/core of v1.20."""

from __future__ import annotations

from fakekube.apis.resource import Resource, Version

RESOURCE = Resource(
    group="",
    plural="bindings",
    kind="Binding",
    versions=(Version("v1", storage=True),),
    verbs=("create",),
    stored=False,
)
