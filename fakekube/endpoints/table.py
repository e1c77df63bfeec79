"""All special endpoints."""

from __future__ import annotations

from fakekube.endpoints import certificates, podstreams, rbac, reviews, tokenrequests
from fakekube.endpoints.endpoint import Endpoint, Endpoints

ALL: tuple[Endpoint, ...] = (
    *certificates.ENDPOINTS,
    *podstreams.ENDPOINTS,
    *rbac.ENDPOINTS,
    *reviews.ENDPOINTS,
    *tokenrequests.ENDPOINTS,
)
ENDPOINTS: Endpoints = {endpoint.key: endpoint for endpoint in ALL}
