"""Validation of a pod template. Follows ValidatePodTemplateSpec of v1.20."""

from __future__ import annotations

from collections.abc import Iterator

from fakekube.apis.podspec.annotations import validate_annotations, validate_seccomp_match
from fakekube.apis.podspec.options import DEFAULT_OPTIONS, Options, options_for
from fakekube.apis.podspec.spec import validate_pod_spec
from fakekube.machinery import metarules
from fakekube.machinery.fielderrors import FieldError, Path, forbidden
from fakekube.machinery.objects import Object


def validate_pod_template(template: Object, path: Path, options: Options = DEFAULT_OPTIONS) -> Iterator[FieldError]:
    """Yield what is wrong with a defaulted pod template at `path`; the server leaves "metadata" out of paths."""
    metadata, spec = template.get("metadata") or {}, template.get("spec") or {}
    annotations = metadata.get("annotations") or {}
    yield from metarules.validate_labels(metadata.get("labels") or {}, path / "labels")
    if annotations:
        yield from metarules.validate_annotations(annotations, path / "annotations")
        yield from validate_annotations(annotations, spec, path / "annotations")
    yield from validate_pod_spec(spec, path / "spec", options)
    yield from validate_seccomp_match(annotations, spec, path / "spec")
    if spec.get("ephemeralContainers"):
        yield forbidden(path / "spec" / "ephemeralContainers", "ephemeral containers not allowed in pod template")


def validate_pod_template_update(new: Object, old: Object | None, path: Path) -> Iterator[FieldError]:
    """As `validate_pod_template`, tolerating what `old`, the template before the update, has already."""
    yield from validate_pod_template(new, path, options_for((old or {}).get("spec")))
