"""PodTemplate. Follows pkg/registry/core/podtemplate of v1.20."""

from __future__ import annotations

from fakekube.apis.resource import Resource, Version

RESOURCE = Resource(group="", plural="podtemplates", kind="PodTemplate", versions=(Version("v1", storage=True),))
