"""ServiceAccount. Follows pkg/apis/core/validation and pkg/registry/core/serviceaccount of v1.20."""

from __future__ import annotations

from collections.abc import Iterator

from fakekube.apis import again
from fakekube.apis.columns import AGE, NAME
from fakekube.apis.resource import Column, Resource, Subresource, Version
from fakekube.machinery.fielderrors import FieldError
from fakekube.machinery.objects import Object


def prepare_create(account: Object) -> None:
    """Of the references to secrets only the names are kept."""
    if account.get("secrets"):
        account["secrets"] = [_name_alone(secret) for secret in account["secrets"]]


def _name_alone(secret: Object) -> Object:
    return {"name": secret["name"]} if secret.get("name") else {}


def prepare_update(new: Object, old: Object) -> None:
    """As on creation."""
    prepare_create(new)


def validate_update(new: Object, old: Object) -> Iterator[FieldError]:
    """Yield what is wrong with the metadata of an update; all else may change."""
    yield from again.changed(new, old)
    yield from again.judged(new, namespaced=True)


RESOURCE = Resource(
    group="",
    plural="serviceaccounts",
    kind="ServiceAccount",
    versions=(Version("v1", storage=True),),
    short_names=("sa",),
    subresources=(
        Subresource("token", verbs=("create",), group="authentication.k8s.io", version="v1", kind="TokenRequest"),
    ),
    returns_deleted=True,
    prepare_create=prepare_create,
    prepare_update=prepare_update,
    validate=again.created,
    validate_update=validate_update,
    columns=(NAME, Column("Secrets", "string", lambda account, now: len(account.get("secrets") or ())), AGE),
)
