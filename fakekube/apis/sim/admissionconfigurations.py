"""AdmissionConfiguration: which admission plugins are on. There is one, named `cluster`; it is never made or deleted.

Its spec has the meaning of kube-apiserver's --enable-admission-plugins and --disable-admission-plugins, and holds from
the next request on. The status is written with every change of the spec.
"""

from __future__ import annotations

from fakekube.apis.columns import AGE, NAME
from fakekube.apis.resource import Column, Resource, Version
from fakekube.apis.sim.definitions import GROUP, VERSION
from fakekube.machinery.objects import Object

CLUSTER = "cluster"
"""The name of the one that counts."""


def _names(part: str, field: str) -> Column:
    """A column with the names in a list, at most a few of them unless asked for."""

    def value(obj: Object, _: float) -> str:
        return ",".join((obj.get(part) or {}).get(field) or ()) or "<none>"

    return Column(field.removesuffix("Plugins").capitalize(), "string", value, priority=int(part == "status"))


RESOURCE = Resource(
    group=GROUP,
    plural="admissionconfigurations",
    singular="admissionconfiguration",
    kind="AdmissionConfiguration",
    versions=(Version(VERSION, storage=True),),
    namespaced=False,
    verbs=("get", "list", "patch", "update", "watch"),
    generation=True,
    columns=(
        NAME,
        _names("spec", "enabledPlugins"),
        _names("spec", "disabledPlugins"),
        AGE,
        _names("status", "activePlugins"),
    ),
)
