"""Ingresses between v1beta1 and v1, which is the shape they are kept in. Follows pkg/apis/networking/v1beta1."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fakekube.machinery.objects import Object

Change = Callable[[Any], Object]


def to_v1(ingress: Object) -> Object:
    """v1beta1 names a service and its port beside each other; v1 has a service within the backend."""
    return _converted(ingress, "backend", "defaultBackend", _backend_to_v1)


def from_v1(ingress: Object) -> Object:
    """The way back."""
    return _converted(ingress, "defaultBackend", "backend", _backend_from_v1)


def _converted(ingress: Object, old: str, new: str, change: Change) -> Object:
    spec = ingress.get("spec")
    if not spec:
        return ingress
    made = {new if name == old else name: value for name, value in spec.items()}
    if made.get(new) is not None:
        made[new] = change(made[new])
    if made.get("rules"):
        made["rules"] = [_rule(rule, change) for rule in made["rules"]]
    return {**ingress, "spec": made}


def _rule(rule: Object, change: Change) -> Object:
    http = rule.get("http")
    if http is None or not http.get("paths"):
        return rule
    paths = [{**path, "backend": change(path.get("backend") or {})} for path in http["paths"]]
    return {**rule, "http": {**http, "paths": paths}}


def _backend_to_v1(backend: Object) -> Object:
    name, port = backend.get("serviceName") or "", backend.get("servicePort")
    made = {field: value for field, value in backend.items() if field not in ("serviceName", "servicePort")}
    if name or isinstance(port, str) or port:
        chosen = {"name": port} if isinstance(port, str) else {"number": port}
        return {"service": {"name": name, "port": {key: value for key, value in chosen.items() if value}}, **made}
    return made


def _backend_from_v1(backend: Object) -> Object:
    made = {field: value for field, value in backend.items() if field != "service"}
    service = backend.get("service")
    if service is None:
        return {"servicePort": 0, **made}
    port = service.get("port") or {}
    number = port.get("name") or port.get("number") or 0
    return {"serviceName": service.get("name", ""), "servicePort": number, **made}
