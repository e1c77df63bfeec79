"""sim.fakekube.dev: what the simulation can be told, and what it tells of itself. No real server has this group."""

from __future__ import annotations

from fakekube.apis.sim import admissionconfigurations, faults, images, requestrecords
from fakekube.apis.sim.definitions import GROUP

RESOURCES = (admissionconfigurations.RESOURCE, faults.RESOURCE, images.RESOURCE, requestrecords.RESOURCE)

__all__ = ["GROUP", "RESOURCES"]
