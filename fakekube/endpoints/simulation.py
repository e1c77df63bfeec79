"""Objects that tell the simulation what to be like: checked, carried out, and answered with what came of it.

The admission plugins have no say in these, or AlwaysDeny could not be switched off again; RBAC has.
"""

from __future__ import annotations

from msgspec.structs import replace

from fakekube.admission import control
from fakekube.apis.sim.admissionconfigurations import RESOURCE
from fakekube.endpoints.endpoint import Answer, Endpoint, Services
from fakekube.machinery import status
from fakekube.machinery.objects import Object
from fakekube.registry.scope import Scope
from fakekube.registry.store import Make


async def update(scope: Scope, make: Make, services: Services) -> tuple[Answer, bool]:
    """Switch admission plugins on and off. Raises Invalid (422) for plugins that there are not or that need more."""

    async def judge(new: Object, _: Object | None) -> None:
        spec = new.get("spec") or {}
        if services.admission is not None and (wrong := list(services.admission.errors(spec))):
            raise status.invalid(RESOURCE.group, RESOURCE.kind, scope.name, wrong)
        new["status"] = control.status(spec)

    judged = replace(scope, judge=judge, admitted=True)
    return await services.registry.store(RESOURCE).update(judged, make)


ENDPOINTS = (Endpoint(RESOURCE.group, RESOURCE.plural, update=update),)
