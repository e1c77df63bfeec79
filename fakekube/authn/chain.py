"""Who sends a request: all authenticators in the order of the real server. Follows pkg/kubeapiserver/authenticator."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from concurrent.futures import Future

from fakekube.authn.bearer import Bearer, ForApiOnly, TokenAuthenticator
from fakekube.authn.bootstraptokens import BootstrapTokens
from fakekube.authn.certificates import Certificates, Verifier, read_authorities
from fakekube.authn.request import Authenticator, Credentials, Identity, Rejected
from fakekube.authn.requestheader import RequestHeader
from fakekube.authn.serviceaccounts import SignatureVerifier, token_authenticators
from fakekube.authn.tokenfile import TokenFile, read_token_file
from fakekube.machinery.objects import UserInfo
from fakekube.machinery.users import ANONYMOUS, UNAUTHENTICATED, authenticated
from fakekube.options import Options
from fakekube.pki import Identities, SigningKey
from fakekube.registry.client import Client
from fakekube.runtime.clock import Clock

FRONT_PROXY_NAMES = ("front-proxy-client",)
ALWAYS_ALLOW = "AlwaysAllow"
NO_ANONYMOUS = (
    "AnonymousAuth is not allowed with the AlwaysAllow authorizer. Resetting AnonymousAuth to false. "
    "You should use a different authorizer"
)
_LOG = logging.getLogger("fakekube.authn")
ANONYMOUS_USER = UserInfo(ANONYMOUS, groups=(UNAUTHENTICATED,))


class Chain:
    """Asks one after the other; the first that knows the user answers."""

    def __init__(
        self, authenticators: Sequence[Authenticator], api_audiences: Sequence[str], *, anonymous: bool = True
    ) -> None:
        self._authenticators = tuple(authenticators)
        self._anonymous = anonymous
        self.api_audiences = tuple(api_audiences)
        """Whom tokens are meant for if nobody says."""

    async def authenticate(self, credentials: Credentials) -> Identity | None:
        """Who it is; anonymous without credentials. Raises Rejected with all faults if nobody takes them for right."""
        faults: list[str] = []
        for authenticator in self._authenticators:
            try:
                identity = await authenticator.authenticate(credentials)
            except Rejected as error:
                faults += error.args
                continue
            if identity is not None:
                return Identity(authenticated(identity.user), identity.authenticator, identity.audiences)
        if faults:
            raise Rejected(*faults)
        audiences = credentials.audiences or self.api_audiences
        return Identity(ANONYMOUS_USER, "anonymous", audiences) if self._anonymous else None


def build(options: Options, identities: Identities, signing_key: Future[SigningKey], client: Client) -> Chain:
    """The chain that the options ask for. Raises ValueError for what makes no sense, OSError for files."""
    clock = client.clock
    audiences = tuple(options.api_audiences) or (options.service_account_issuer,)
    authorities = [identities.ca.certificate_pem]
    if options.client_ca_file is not None:
        authorities.append(read_authorities(options.client_ca_file))
    front_proxy = Verifier([identities.front_proxy_ca.certificate_pem], clock)
    tokens: list[TokenAuthenticator] = []
    if options.token_auth_file is not None:
        tokens.append(ForApiOnly(TokenFile(read_token_file(options.token_auth_file)), audiences))
    verifier = SignatureVerifier(signing_key)
    tokens += token_authenticators(options.service_account_issuer, verifier, client, clock, audiences)
    tokens.append(ForApiOnly(BootstrapTokens(client, clock), audiences))
    tokens += _remote_authenticators(options, clock, audiences)
    chain: list[Authenticator] = [
        RequestHeader(front_proxy, FRONT_PROXY_NAMES),
        Certificates(Verifier(authorities, clock)),
        Bearer(tokens, audiences),
    ]
    return Chain(chain, audiences, anonymous=_takes_anonymous(options))


def _remote_authenticators(options: Options, clock: Clock, audiences: Sequence[str]) -> Iterator[TokenAuthenticator]:
    """Those that ask others: last, since that takes time."""
    if bool(options.oidc_issuer_url) != bool(options.oidc_client_id):
        raise ValueError("oidc-issuer-url and oidc-client-id should be specified together")
    if options.oidc_issuer_url:
        yield ForApiOnly(_oidc(options, clock), audiences)
    if options.authentication_token_webhook_config_file is not None:
        from fakekube.authn.webhook import Webhook

        version, ttl = options.authentication_token_webhook_version, options.authentication_token_webhook_cache_ttl
        kubeconfig = options.authentication_token_webhook_config_file
        yield Webhook(kubeconfig, version, clock, audiences, ttl.total_seconds())


def _oidc(options: Options, clock: Clock) -> TokenAuthenticator:
    from fakekube.authn import oidc

    settings = oidc.Settings(
        options.oidc_issuer_url,
        options.oidc_client_id,
        options.oidc_username_claim,
        options.oidc_username_prefix,
        options.oidc_groups_claim,
        options.oidc_groups_prefix,
        options.oidc_signing_algs,
        options.oidc_required_claim,
        options.oidc_ca_file,
    )
    return oidc.OIDC(settings, clock)


def _takes_anonymous(options: Options) -> bool:
    """Where everything is allowed, nobody is to come in without a name."""
    if options.anonymous_auth and ALWAYS_ALLOW in options.authorization_mode:
        _LOG.warning(NO_ANONYMOUS)
        return False
    return options.anonymous_auth
