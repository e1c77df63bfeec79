"""Users whom a front proxy has authenticated and names in headers. Follows authentication/request/headerrequest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from fakekube.authn.certificates import Verifier
from fakekube.authn.request import Credentials, Identity, Rejected
from fakekube.machinery import headers as request_headers
from fakekube.machinery.objects import UserInfo


class HeaderNames(Struct, frozen=True):
    """Where the proxy writes what (--requestheader-*)."""

    username: Sequence[str] = ("X-Remote-User",)
    group: Sequence[str] = ("X-Remote-Group",)
    extra_prefix: Sequence[str] = ("X-Remote-Extra-",)


class RequestHeader:
    """The authenticator: it believes headers of a client whose certificate is the proxy's, and nobody else's."""

    def __init__(self, verifier: Verifier, allowed_names: Sequence[str], headers: HeaderNames | None = None) -> None:
        self._verifier = verifier
        self._allowed = frozenset(allowed_names)
        self._headers = headers or HeaderNames()

    async def authenticate(self, credentials: Credentials) -> Identity | None:
        """Whom the headers name. Raises Rejected for every certificate but the proxy's."""
        if not credentials.peer_certificates:
            return None
        name = self._verifier.subject(credentials.peer_certificates).common_name
        if self._allowed and name not in self._allowed:
            raise Rejected(f"x509: subject with cn={name} is not in the allowed list")
        return self._named(credentials.headers)

    def _named(self, headers: Mapping[str, str]) -> Identity | None:
        names = self._headers
        username = next((value for name in names.username if (value := headers.get(name, ""))), "")
        if not username:
            return None
        groups = tuple(group for name in names.group for group in request_headers.values(headers, name) if group)
        extra: dict[str, tuple[str, ...]] = {}
        for prefix in names.extra_prefix:
            for key, values in request_headers.extras(headers, prefix).items():
                extra[key] = (*extra.get(key, ()), *values)
        return Identity(UserInfo(username, groups=groups, extra=extra), "requestheader")
