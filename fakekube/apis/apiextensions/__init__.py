"""The kinds of apiextensions.k8s.io."""

from __future__ import annotations

from fakekube.apis.apiextensions import (
    customresourcedefinitions,
)
from fakekube.apis.resource import Resource

RESOURCES: tuple[Resource, ...] = (customresourcedefinitions.RESOURCE,)
"""In the order of discovery."""
