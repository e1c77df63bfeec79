"""The Deployment controller: `plan` thinks, `sync` acts. Follows pkg/controller/deployment of v1.20."""

from fakekube.controllers.deployments.sync import CONTROLLER

__all__ = ["CONTROLLER"]
