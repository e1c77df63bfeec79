"""Static tokens from a file (--token-auth-file). Follows apiserver's authentication/token/tokenfile."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

from fakekube.authn.request import Identity
from fakekube.machinery.objects import UserInfo


class TokenFileError(ValueError):
    """The file cannot be used; the text says why."""


def read_token_file(path: Path) -> dict[str, UserInfo]:
    """Token -> user. A line is token,user,uid or token,user,uid,"group1,group2". Raises TokenFileError, OSError.

    Lines without a token are passed over, and of equal tokens the last one counts.
    """
    users: dict[str, UserInfo] = {}
    with path.open(newline="", encoding="utf-8") as file:
        try:
            for record in csv.reader(file, strict=True, skipinitialspace=False):
                if record:
                    _add(users, record, path)
        except (csv.Error, UnicodeDecodeError) as error:
            raise TokenFileError(f"token file '{path}': {error}") from None
    return users


def _add(users: dict[str, UserInfo], record: Sequence[str], path: Path) -> None:
    if len(record) < 3:
        wanted = "must have at least 3 columns (token, user name, user uid)"
        raise TokenFileError(f"token file '{path}' {wanted}, found {len(record)}")
    token, name, uid, *groups = record
    if token:
        users[token] = UserInfo(name, uid, tuple(groups[0].split(",")) if groups else ())


class TokenFile:
    """The authenticator."""

    def __init__(self, users: Mapping[str, UserInfo]) -> None:
        self._users = users

    async def authenticate_token(self, token: str, _: Sequence[str]) -> Identity | None:
        """Whose line it is."""
        user = self._users.get(token)
        return Identity(user, "tokenfile") if user else None
