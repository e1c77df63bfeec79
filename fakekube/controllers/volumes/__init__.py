"""Persistent volumes: `plan` matches them with claims, `binder` binds and reclaims, `protection` keeps what is in use.

Follows pkg/controller/volume of v1.20. There are no provisioners but those that somebody runs outside.
"""

from fakekube.controllers.volumes.binder import CONTROLLER as BINDER
from fakekube.controllers.volumes.protection import CLAIM_CONTROLLER, VOLUME_CONTROLLER

__all__ = ["BINDER", "CLAIM_CONTROLLER", "VOLUME_CONTROLLER"]
