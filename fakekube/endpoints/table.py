"""All special endpoints."""

from __future__ import annotations

from fakekube.endpoints import (
    bindings,
    certificates,
    componentstatuses,
    evictions,
    namespaces,
    podstreams,
    priorityclasses,
    rbac,
    reviews,
    scale,
    services,
    simulation,
    tokenrequests,
)
from fakekube.endpoints.endpoint import Endpoint, Endpoints

ALL: tuple[Endpoint, ...] = (
    *bindings.ENDPOINTS,
    *certificates.ENDPOINTS,
    *componentstatuses.ENDPOINTS,
    *evictions.ENDPOINTS,
    *namespaces.ENDPOINTS,
    *podstreams.ENDPOINTS,
    *priorityclasses.ENDPOINTS,
    *rbac.ENDPOINTS,
    *reviews.ENDPOINTS,
    *scale.ENDPOINTS,
    *services.ENDPOINTS,
    *simulation.ENDPOINTS,
    *tokenrequests.ENDPOINTS,
)
ENDPOINTS: Endpoints = {endpoint.key: endpoint for endpoint in ALL}
