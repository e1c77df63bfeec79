"""Validation of a pod template."""

from __future__ import annotations

from collections.abc import Iterator

from fakekube.apis.podspec.spec import DEFAULT_OPTIONS, Options, validate_pod_spec
from fakekube.machinery.fielderrors import FieldError, Path
from fakekube.machinery.objects import Object


def validate_pod_template(template: Object, path: Path, options: Options = DEFAULT_OPTIONS) -> Iterator[FieldError]:
    """Yield what is wrong with a defaulted pod template at `path`."""
    yield from validate_pod_spec(template.get("spec") or {}, path / "spec", options)


def validate_pod_template_update(new: Object, old: Object | None, path: Path) -> Iterator[FieldError]:
    """As `validate_pod_template`, tolerating what `old` has already."""
    yield from validate_pod_template(new, path)
