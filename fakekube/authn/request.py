"""What authentication looks at, and what it answers. Follows apiserver's authentication/authenticator."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from msgspec import Struct

from fakekube.machinery.objects import UserInfo


class Credentials(Struct, frozen=True):
    """The parts of a request that may say who sent it."""

    headers: Mapping[str, str]
    """Case-insensitive; repeated ones through multidict's getall, where the mapping has it."""
    peer_certificates: tuple[bytes, ...] = ()
    """The chain that the TLS client showed, DER, the leaf first; unverified."""
    audiences: tuple[str, ...] = ()
    """For whom a token has to be meant; () for the API server itself. TokenReviews may ask for others."""


class Identity(Struct, frozen=True):
    """A user that an authenticator vouches for."""

    user: UserInfo
    authenticator: str
    audiences: tuple[str, ...] = ()


class Rejected(Exception):
    """Credentials that this authenticator finds wrong; the request is 401 if no other knows them.

    The arguments are the reasons, of which TokenReviews tell.
    """


class Authenticator(Protocol):
    """One link of the chain."""

    async def authenticate(self, credentials: Credentials) -> Identity | None:
        """Say who it is; None: not mine to say. Raises Rejected."""
