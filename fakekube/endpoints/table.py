"""All special endpoints."""

from __future__ import annotations

from fakekube.endpoints.endpoint import Endpoint, Endpoints

ALL: tuple[Endpoint, ...] = ()
ENDPOINTS: Endpoints = {endpoint.key: endpoint for endpoint in ALL}
