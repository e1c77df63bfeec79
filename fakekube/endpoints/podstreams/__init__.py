"""pods/log, exec, attach, portforward and proxy: what is connected to, not stored.

Follows pkg/registry/core/pod (which container, which node), and behind it the kubelet and its streaming server. The
modules are loaded when first asked for: a server has to be ready before anyone connects to a pod.
"""

from __future__ import annotations

from importlib import import_module

from fakekube.apis.core.nodes import RESOURCE as NODES
from fakekube.apis.core.pods import RESOURCE as PODS
from fakekube.apis.core.services import RESOURCE as SERVICES
from fakekube.endpoints.connection import Call, Reply
from fakekube.endpoints.endpoint import Connect, Endpoint, Services
from fakekube.registry.scope import Scope

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
"""That a proxy takes."""


def _later(module: str, name: str) -> Connect:
    """A function of a module of this package."""

    async def connect(scope: Scope, call: Call, services: Services) -> Reply:
        found: Connect = getattr(import_module(f"{__name__}.{module}"), name)
        return await found(scope, call, services)

    return connect


ENDPOINTS = (
    Endpoint(PODS.group, PODS.plural, "log", connect=_later("log", "log"), negotiates=True),
    Endpoint(PODS.group, PODS.plural, "exec", connect=_later("remotecommand", "exec_")),
    Endpoint(PODS.group, PODS.plural, "attach", connect=_later("remotecommand", "attach")),
    Endpoint(PODS.group, PODS.plural, "portforward", connect=_later("portforward", "forward")),
    Endpoint(PODS.group, PODS.plural, "proxy", connect=_later("proxy", "pod"), connect_methods=METHODS),
    Endpoint(SERVICES.group, SERVICES.plural, "proxy", connect=_later("proxy", "service"), connect_methods=METHODS),
    Endpoint(NODES.group, NODES.plural, "proxy", connect=_later("nodeproxy", "node"), connect_methods=METHODS),
)
