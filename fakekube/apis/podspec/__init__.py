"""The pod spec and the pod template: what every kind that embeds one shares, in a module by part.

Defaults and disabled fields change a spec in place; validation yields FieldErrors in the order of the real server.
Follows pkg/apis/core of v1.20.
"""

from fakekube.apis.podspec.defaults import default_pod_spec, default_pod_template
from fakekube.apis.podspec.gates import drop_disabled_fields, drop_disabled_template_fields
from fakekube.apis.podspec.options import Options, options_for
from fakekube.apis.podspec.spec import validate_pod_spec
from fakekube.apis.podspec.template import validate_pod_template, validate_pod_template_update

__all__ = [
    "Options",
    "default_pod_spec",
    "default_pod_template",
    "drop_disabled_fields",
    "drop_disabled_template_fields",
    "options_for",
    "validate_pod_spec",
    "validate_pod_template",
    "validate_pod_template_update",
]
