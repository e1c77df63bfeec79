"""Questions about who someone is and what they may do: the kinds of authentication.k8s.io and authorization.k8s.io
that nobody stores. Follows pkg/registry/authentication and /authorization.

The functions take the review that was sent and answer with the same object and its status. All raise StatusError.
"""

from __future__ import annotations

from collections.abc import Iterator

from fakekube.apis.authentication import tokenreviews
from fakekube.apis.authorization import (
    localsubjectaccessreviews,
    selfsubjectaccessreviews,
    selfsubjectrulesreviews,
    subjectaccessreviews,
)
from fakekube.apis.resource import Resource, api_version
from fakekube.authn.request import Authenticator, Credentials, Rejected
from fakekube.authz.attributes import Attributes, Authorizer, Decision
from fakekube.authz.modes import RuleResolver
from fakekube.endpoints.endpoint import Answer, Create, Endpoint, Services
from fakekube.machinery.fielderrors import FieldError, Path, invalid
from fakekube.machinery.goformat import Go, aggregate
from fakekube.machinery.objects import Object, UserInfo
from fakekube.machinery.status import bad_request
from fakekube.machinery.status import invalid as status_invalid
from fakekube.registry.attributes import CREATE
from fakekube.registry.scope import Scope

GROUP = "authorization.k8s.io"
SPEC = Path("spec")
ONE_OF = "exactly one of nonResourceAttributes or resourceAttributes must be specified"
RESOURCE_FIELDS = ("verb", "namespace", "group", "version", "resource", "subresource", "name")
"""In the order of Attributes."""


async def token_review(review: Object, authenticator: Authenticator) -> Object:
    """Authenticate the token as a request that carries nothing else would be."""
    spec = review.get("spec") or {}
    if not spec.get("token"):
        raise bad_request("token is required for TokenReview in authentication")
    headers = {"Authorization": f"Bearer {spec['token']}"}
    status: Object = dict(review.get("status") or {})
    status.pop("authenticated", None)
    status.setdefault("user", {})
    try:
        identity = await authenticator.authenticate(Credentials(headers, (), tuple(spec.get("audiences") or ())))
    except Rejected as error:
        return {**review, "status": {**status, "error": aggregate(error.args)}}
    if identity is None:
        return {**review, "status": status}
    status |= {"authenticated": True, "user": user_info(identity.user)}
    if identity.audiences:
        status["audiences"] = list(identity.audiences)
    return {**review, "status": _ordered(status, ("authenticated", "user", "audiences", "error"))}


async def subject_access_review(review: Object, authorizer: Authorizer) -> Object:
    """Whether the user of the spec may do what the spec says."""
    _check(review, (*_attribute_faults(review), *_subject_faults(review), *_metadata_faults(review)))
    return await _reviewed(review, subject(review["spec"]), authorizer)


async def self_subject_access_review(review: Object, user: UserInfo, authorizer: Authorizer) -> Object:
    """Whether the user who asks may do what the spec says."""
    _check(review, (*_attribute_faults(review), *_metadata_faults(review)))
    return await _reviewed(review, user, authorizer)


async def local_subject_access_review(review: Object, namespace: str, authorizer: Authorizer) -> Object:
    """Whether the user of the spec may do what the spec says in the namespace of the request."""
    faults = (*_attribute_faults(review), *_subject_faults(review), *_metadata_faults(review, ("namespace",)))
    _check(review, (*faults, *_local_faults(review)))
    if review["metadata"].get("namespace", "") != namespace:
        raise bad_request(f"spec.resourceAttributes.namespace must match namespace: {namespace}")
    return await _reviewed(review, subject(review["spec"]), authorizer)


def self_subject_rules_review(review: Object, user: UserInfo, resolver: RuleResolver) -> Object:
    """Everything that the user who asks may do in a namespace. The answer tells no spec."""
    namespace = (review.get("spec") or {}).get("namespace", "")
    if not namespace:
        raise bad_request("no namespace on request")
    found = resolver.rules_for(user, namespace)
    status: Object = {
        "resourceRules": [_picked(rule, _RESOURCE_RULE) for rule in found.rules if rule.get("resources")],
        "nonResourceRules": [_picked(rule, _URL_RULE) for rule in found.rules if rule.get("nonResourceURLs")],
        "incomplete": found.incomplete,
    }
    if found.errors:
        status["evaluationError"] = aggregate(found.errors)
    resource = selfsubjectrulesreviews.RESOURCE
    version = api_version(resource.group, resource.storage_version.name)
    empty: Object = {"kind": resource.kind, "apiVersion": version, "metadata": {"creationTimestamp": None}}
    return {**empty, "spec": {}, "status": status}


_RESOURCE_RULE = ("verbs", "apiGroups", "resources", "resourceNames")
_URL_RULE = ("verbs", "nonResourceURLs")


def _picked(rule: Object, fields: tuple[str, ...]) -> Object:
    return {field: list(rule[field]) for field in fields if rule.get(field)}


def subject(spec: Object) -> UserInfo:
    """The user that a spec describes."""
    extra = {key: tuple(values or ()) for key, values in (spec.get("extra") or {}).items()}
    return UserInfo(spec.get("user") or "", spec.get("uid") or "", tuple(spec.get("groups") or ()), extra)


def user_info(user: UserInfo) -> Object:
    """A user as reviews show one."""
    extra = {key: list(values) for key, values in user.extra.items()}
    fields = {"username": user.name, "uid": user.uid, "groups": list(user.groups), "extra": extra}
    return {name: value for name, value in fields.items() if value}


def attributes(spec: Object, user: UserInfo) -> Attributes:
    """The action that a spec describes, by a user."""
    asked = spec.get("resourceAttributes")
    if asked is None:
        asked = spec["nonResourceAttributes"]
        return Attributes(user, asked.get("verb") or "", path=asked.get("path") or "", is_resource=False)
    verb, namespace, group, version, resource, subresource, name = (asked.get(key) or "" for key in RESOURCE_FIELDS)
    return Attributes(user, verb, namespace, group, version, resource, subresource, name)


async def _reviewed(review: Object, user: UserInfo, authorizer: Authorizer) -> Object:
    verdict = await authorizer.decide(attributes(review["spec"], user))
    status: Object = {"allowed": verdict.allowed}
    if verdict.decision is Decision.DENY:
        status["denied"] = True
    if verdict.reason:
        status["reason"] = verdict.reason
    if verdict.error:
        status["evaluationError"] = verdict.error
    return {**review, "status": status}


def _check(review: Object, faults: tuple[FieldError, ...]) -> None:
    if faults:
        raise status_invalid(GROUP, "", "", faults)  # the real server has forgotten the kind by then
    review.setdefault("spec", {})


def _attribute_faults(review: Object) -> Iterator[FieldError]:
    spec = review.get("spec") or {}
    resource, other = spec.get("resourceAttributes"), spec.get("nonResourceAttributes")
    if resource is not None and other is not None:
        value = Go(other, "authorization.NonResourceAttributes")
        detail = "cannot be specified in combination with resourceAttributes"
        yield invalid(SPEC / "nonResourceAttributes", value, detail)
    if resource is None and other is None:
        yield invalid(SPEC / "resourceAttributes", None, ONE_OF)


def _subject_faults(review: Object) -> Iterator[FieldError]:
    spec = review.get("spec") or {}
    if not spec.get("user") and not spec.get("groups"):
        yield invalid(SPEC / "user", "", "at least one of user or group must be specified")


def _metadata_faults(review: Object, but: tuple[str, ...] = ()) -> Iterator[FieldError]:
    metadata = review.get("metadata") or {}
    if any(value for name, value in metadata.items() if name not in ("managedFields", *but)):
        detail = f"must be empty except for {but[0]}" if but else "must be empty"
        yield invalid(Path("metadata"), Go(metadata, "v1.ObjectMeta"), detail)


def _local_faults(review: Object) -> Iterator[FieldError]:
    spec = review.get("spec") or {}
    resource, other = spec.get("resourceAttributes"), spec.get("nonResourceAttributes")
    if resource is not None:
        asked = resource.get("namespace") or ""
        if asked != ((review.get("metadata") or {}).get("namespace") or ""):
            yield invalid(Path("spec.resourceAttributes.namespace"), asked, "must match metadata.namespace")
    if other is not None:
        value = Go(other, "authorization.NonResourceAttributes")
        yield invalid(Path("spec.nonResourceAttributes"), value, "disallowed on this kind of request")


def _ordered(values: Object, names: tuple[str, ...]) -> Object:
    return {name: values[name] for name in names if name in values}


def _written(scope: Scope, review: Object, services: Services) -> Object:
    """The review as Go writes it: empty lists that were sent do not come back."""
    return services.registry.codec.finish(scope.resource, review)


async def _token_review(scope: Scope, review: Object, services: Services) -> Answer:
    return _written(scope, await token_review(review, services.authenticator), services)


async def _subject_access(scope: Scope, review: Object, services: Services) -> Answer:
    return _written(scope, await subject_access_review(review, services.authorizer), services)


async def _self_access(scope: Scope, review: Object, services: Services) -> Answer:
    return _written(scope, await self_subject_access_review(review, scope.user, services.authorizer), services)


async def _local_access(scope: Scope, review: Object, services: Services) -> Answer:
    return _written(scope, await local_subject_access_review(review, scope.namespace, services.authorizer), services)


async def _self_rules(scope: Scope, review: Object, services: Services) -> Answer:
    return self_subject_rules_review(review, scope.user, services.authorizer)


def _endpoint(resource: Resource, create: Create) -> Endpoint:
    async def admitted(scope: Scope, review: Object, services: Services) -> Answer:
        await services.registry.judge(await services.registry.admit(CREATE, scope, review))
        return await create(scope, review, services)

    return Endpoint(resource.group, resource.plural, create=admitted)


ENDPOINTS: tuple[Endpoint, ...] = (
    _endpoint(tokenreviews.RESOURCE, _token_review),
    _endpoint(subjectaccessreviews.RESOURCE, _subject_access),
    _endpoint(selfsubjectaccessreviews.RESOURCE, _self_access),
    _endpoint(localsubjectaccessreviews.RESOURCE, _local_access),
    _endpoint(selfsubjectrulesreviews.RESOURCE, _self_rules),
)
