"""The names and groups that users get. Follows apiserver's authentication/user and /serviceaccount."""

from __future__ import annotations

from collections.abc import Mapping

from fakekube.machinery.names import dns_label, dns_subdomain
from fakekube.machinery.objects import Key, UserInfo

ANONYMOUS = "system:anonymous"
AUTHENTICATED = "system:authenticated"
UNAUTHENTICATED = "system:unauthenticated"
SERVICE_ACCOUNT_PREFIX = "system:serviceaccount:"
SERVICE_ACCOUNTS = "system:serviceaccounts"
API_SERVER = UserInfo("system:apiserver", groups=("system:masters",))
"""As whom the API server itself writes."""
POD_NAME = "authentication.kubernetes.io/pod-name"
POD_UID = "authentication.kubernetes.io/pod-uid"


def service_account_user(key: Key, uid: str = "", extra: Mapping[str, tuple[str, ...]] | None = None) -> UserInfo:
    """The user that a service account is."""
    return UserInfo(service_account_name(key), uid, service_account_groups(key.namespace), dict(extra or {}))


def service_account_name(key: Key) -> str:
    """The user name of a service account."""
    return f"{SERVICE_ACCOUNT_PREFIX}{key.namespace}:{key.name}"


def service_account_groups(namespace: str) -> tuple[str, ...]:
    """The groups that all service accounts of a namespace are in."""
    return SERVICE_ACCOUNTS, f"{SERVICE_ACCOUNTS}:{namespace}"


def service_account_of(name: str) -> Key | None:
    """The service account that a user name means, if it is the name of one."""
    if not name.startswith(SERVICE_ACCOUNT_PREFIX):
        return None
    parts = name.removeprefix(SERVICE_ACCOUNT_PREFIX).split(":")
    if len(parts) != 2 or any(dns_label(parts[0])) or any(dns_subdomain(parts[1])):
        return None
    return Key(*parts)


def authenticated(user: UserInfo) -> UserInfo:
    """The user with the group of all who are known, unless the groups say already whether they are."""
    if user.name == ANONYMOUS or AUTHENTICATED in user.groups or UNAUTHENTICATED in user.groups:
        return user
    return UserInfo(user.name, user.uid, (*user.groups, AUTHENTICATED), user.extra)
