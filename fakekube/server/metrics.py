"""/metrics in Prometheus' text form, under kube-apiserver's own names, for what is measured here."""

from __future__ import annotations

from collections import Counter

from fakekube.server.plane import ControlPlane


def render(plane: ControlPlane) -> str:
    """The metrics of one world."""
    requests = Counter((decision.method, decision.code) for decision in plane.decisions.values() if decision.code)
    lines = [
        "# HELP apiserver_request_total Number of answered requests by method and code, as far as they are remembered.",
        "# TYPE apiserver_request_total counter",
        *(
            f'apiserver_request_total{{code="{code}",verb="{method}"}} {count}'
            for (method, code), count in sorted(requests.items())
        ),
        "# HELP etcd_object_counts Number of stored objects by kind.",
        "# TYPE etcd_object_counts gauge",
    ]
    for resource in plane.registry.catalog.listed:
        if resource.stored:
            count = len(plane.registry.store(resource).collection.entries)
            lines.append(f'etcd_object_counts{{resource="{resource.qualified}"}} {count}')
    return "\n".join([*lines, ""])
