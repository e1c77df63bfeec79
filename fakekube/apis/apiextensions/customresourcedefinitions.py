"""CustomResourceDefinition. Follows apiextensions-apiserver's pkg/apis and pkg/registry of v1.20."""

from __future__ import annotations

from collections.abc import Iterator

from fakekube.apis.apiextensions import definitionrules, versions
from fakekube.apis.apiextensions.definitionrules import Rules
from fakekube.apis.deprecation import deprecated
from fakekube.apis.resource import Resource, Subresource, Version
from fakekube.apis.statuses import keep_metadata_too
from fakekube.machinery.fielderrors import FieldError
from fakekube.machinery.objects import Object
from fakekube.machinery.times import format_time

GROUP, KIND = "apiextensions.k8s.io", "CustomResourceDefinition"
BETA = Rules(strict=False)
CLEANUP = "customresourcecleanup.apiextensions.k8s.io"
"""The finalizer of definitions whose objects are still to be deleted."""
PENDING = "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon"


def validate(definition: Object) -> Iterator[FieldError]:
    """Yield what is wrong with a new definition, as v1 judges it."""
    return definitionrules.validate(definition, Rules())


def validate_beta(definition: Object) -> Iterator[FieldError]:
    """The same, as v1beta1 judges it."""
    return definitionrules.validate(definition, BETA)


def validate_update(new: Object, old: Object) -> Iterator[FieldError]:
    """Yield what is wrong with an update, as v1 judges it."""
    return definitionrules.validate_update(new, old, Rules())


def validate_update_beta(new: Object, old: Object) -> Iterator[FieldError]:
    """The same, as v1beta1 judges it."""
    return definitionrules.validate_update(new, old, BETA)


def prepare_update(new: Object, old: Object) -> None:
    """Another storage version joins those in which objects may be stored."""
    versions.add_stored_version(new)


def begin_deletion(definition: Object, now: float) -> Object:
    """The definition stays, with a finalizer of the server's own, until its objects have gone."""
    from fakekube.apis.apiextensions import naming

    moment = format_time(now)
    finalizers = [name for name in definition["metadata"].get("finalizers", ()) if name != CLEANUP]
    metadata = {**definition["metadata"], "deletionTimestamp": moment, "finalizers": [*finalizers, CLEANUP]}
    told = naming.condition("Terminating", "True", "InstanceDeletionPending", PENDING)
    return naming.with_conditions({**definition, "metadata": metadata}, [told], moment)


RESOURCE = Resource(
    group=GROUP,
    plural="customresourcedefinitions",
    kind=KIND,
    kept_as_json=True,
    versions=(
        Version(
            "v1", since="1.16", defaults=versions.default, to_storage=versions.from_v1, from_storage=versions.to_v1
        ),
        Version(
            "v1beta1",
            storage=True,
            until="1.22",
            defaults=versions.default_v1beta1,
            deprecated=deprecated(f"{GROUP}/v1beta1", KIND, "1.16", "1.22", f"{GROUP}/v1"),
            validate=validate_beta,
            validate_update=validate_update_beta,
        ),
    ),
    namespaced=False,
    short_names=("crd", "crds"),
    categories=("api-extensions",),
    subresources=(
        Subresource("status", prepare_update=keep_metadata_too, validate_update=definitionrules.validate_status_update),
    ),
    metadata_last=True,
    prepare_create=versions.add_stored_version,
    prepare_update=prepare_update,
    validate=validate,
    validate_update=validate_update,
    generation=True,
    begin_deletion=begin_deletion,
    written_in="v1",
    unconditional_update=False,
)
