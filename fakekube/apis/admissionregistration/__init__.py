"""The kinds of admissionregistration.k8s.io."""

from __future__ import annotations

from fakekube.apis.admissionregistration import (
    mutatingwebhookconfigurations,
    validatingwebhookconfigurations,
)
from fakekube.apis.resource import Resource

RESOURCES: tuple[Resource, ...] = (
    mutatingwebhookconfigurations.RESOURCE,
    validatingwebhookconfigurations.RESOURCE,
)
"""In the order of discovery."""
