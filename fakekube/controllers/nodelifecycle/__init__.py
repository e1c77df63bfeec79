"""The node lifecycle controller: `plan` thinks, `health` acts on nodes, `eviction` drives pods from tainted nodes.

Follows pkg/controller/nodelifecycle of v1.20.
"""

from fakekube.controllers.nodelifecycle.eviction import controller as eviction_controller
from fakekube.controllers.nodelifecycle.health import controller as health_controller

__all__ = ["eviction_controller", "health_controller"]
