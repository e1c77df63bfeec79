"""The kinds of flowcontrol.apiserver.k8s.io."""

from __future__ import annotations

from fakekube.apis.flowcontrol import (
    flowschemas,
    prioritylevelconfigurations,
)
from fakekube.apis.resource import Resource

RESOURCES: tuple[Resource, ...] = (
    flowschemas.RESOURCE,
    prioritylevelconfigurations.RESOURCE,
)
"""In the order of discovery."""
