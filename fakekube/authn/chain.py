"""Who sends a request: all authenticators in the order of the real server. Follows pkg/kubeapiserver/authenticator."""

from __future__ import annotations

from collections.abc import Sequence
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

FRONT_PROXY_NAMES = ("front-proxy-client",)
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
    """The chain that the options ask for. Raises OSError and TokenFileError for files that cannot be read."""
    clock = client.clock
    audiences = (options.service_account_issuer,)
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
    chain: list[Authenticator] = [
        RequestHeader(front_proxy, FRONT_PROXY_NAMES),
        Certificates(Verifier(authorities, clock)),
        Bearer(tokens, audiences),
    ]
    return Chain(chain, audiences, anonymous=options.anonymous_auth)
