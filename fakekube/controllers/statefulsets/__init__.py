"""The StatefulSet controller: `plan` thinks, `sync` acts. Follows pkg/controller/statefulset of v1.20."""

from fakekube.controllers.statefulsets.sync import CONTROLLER

__all__ = ["CONTROLLER"]
