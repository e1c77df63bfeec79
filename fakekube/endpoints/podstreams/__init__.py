"""pods/log, exec, attach, portforward and proxy: what is connected to, not stored.

Follows pkg/registry/core/pod (which container, which node), and behind it the kubelet and its streaming server.
"""

from __future__ import annotations

from fakekube.apis.core.nodes import RESOURCE as NODES
from fakekube.apis.core.pods import RESOURCE as PODS
from fakekube.apis.core.services import RESOURCE as SERVICES
from fakekube.endpoints.endpoint import Endpoint
from fakekube.endpoints.podstreams import log, nodeproxy, portforward, proxy, remotecommand

ENDPOINTS = (
    Endpoint(PODS.group, PODS.plural, "log", connect=log.log, negotiates=True),
    Endpoint(PODS.group, PODS.plural, "exec", connect=remotecommand.exec_),
    Endpoint(PODS.group, PODS.plural, "attach", connect=remotecommand.attach),
    Endpoint(PODS.group, PODS.plural, "portforward", connect=portforward.forward),
    Endpoint(PODS.group, PODS.plural, "proxy", connect=proxy.pod, connect_methods=proxy.METHODS),
    Endpoint(SERVICES.group, SERVICES.plural, "proxy", connect=proxy.service, connect_methods=proxy.METHODS),
    Endpoint(NODES.group, NODES.plural, "proxy", connect=nodeproxy.node, connect_methods=proxy.METHODS),
)
