"""Acting as another: what a request with Impersonate-* headers needs to be allowed, and who its user then is.

Follows apiserver's endpoints/filters/impersonation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct

from fakekube.authz.attributes import Attributes
from fakekube.machinery.headers import extras, values
from fakekube.machinery.objects import UserInfo
from fakekube.machinery.users import (
    ANONYMOUS,
    AUTHENTICATED,
    UNAUTHENTICATED,
    service_account_groups,
    service_account_of,
)

USER_HEADER = "Impersonate-User"
GROUP_HEADER = "Impersonate-Group"
EXTRA_PREFIX = "Impersonate-Extra-"
_PREFIX = "impersonate-"
AUTHENTICATION_GROUP = "authentication.k8s.io"


class Impersonation(Struct, frozen=True):
    """Whom the headers name: the resulting user and, beside their groups, those that the headers ask for."""

    user: UserInfo
    requested_groups: tuple[str, ...]

    def attributes(self, requestor: UserInfo) -> Iterator[Attributes]:
        """Everything that the requestor must be allowed to `impersonate`, in order."""
        account = service_account_of(self.user.name)
        if account is not None:
            yield Attributes(requestor, "impersonate", account.namespace, resource="serviceaccounts", name=account.name)
        else:
            yield Attributes(requestor, "impersonate", resource="users", name=self.user.name)
        for group in self.requested_groups:
            yield Attributes(requestor, "impersonate", resource="groups", name=group)
        for key, each in self.user.extra.items():
            for value in each:
                yield Attributes(
                    requestor, "impersonate", group=AUTHENTICATION_GROUP, version="v1", resource="userextras",
                    subresource=key, name=value,
                )  # fmt: skip


def requested(headers: Mapping[str, str]) -> bool:
    """Whether the headers ask for any impersonation. An empty user does not."""
    return any(name.lower().startswith(_PREFIX) for name in headers) and bool(
        headers.get(USER_HEADER) or GROUP_HEADER in headers or extras(headers, EXTRA_PREFIX)
    )


def read(headers: Mapping[str, str]) -> Impersonation:
    """Whom the headers name. Raises ValueError where they name groups or extras and no user."""
    name = headers.get(USER_HEADER, "")
    groups = tuple(values(headers, GROUP_HEADER))
    extra = extras(headers, EXTRA_PREFIX)
    if not name:
        raise ValueError(f"requested {_printed(groups, extra)} without impersonating a user")
    account = service_account_of(name)
    own = groups or (service_account_groups(account.namespace) if account else ())
    return Impersonation(UserInfo(name, groups=_completed(name, own), extra=extra), groups)


def _completed(name: str, groups: tuple[str, ...]) -> tuple[str, ...]:
    if name == ANONYMOUS:
        return groups if UNAUTHENTICATED in groups else (*groups, UNAUTHENTICATED)
    known = AUTHENTICATED in groups or UNAUTHENTICATED in groups
    return groups if known else (*groups, AUTHENTICATED)


def _printed(groups: tuple[str, ...], extra: Mapping[str, tuple[str, ...]]) -> str:
    """Object references as Go prints them: {kind namespace name uid apiVersion resourceVersion fieldPath}."""
    references = [f"{{Group  {group}    }}" for group in groups]
    for key, each in extra.items():
        references += [f"{{UserExtra  {value}  {AUTHENTICATION_GROUP}/v1  {key}}}" for value in each]
    return f"[{' '.join(references)}]"
