from __future__ import annotations

import base64

import jwt
import pytest
from fake_client import FakeClient, manager

from fakekube.apis.core.configmaps import RESOURCE as CONFIGMAPS
from fakekube.apis.core.secrets import RESOURCE as SECRETS
from fakekube.controllers import bootstrapsigner, tokencleaner
from fakekube.controllers.shared import bootstraptokens
from fakekube.machinery.objects import Key, Object

NOW = 1_600_000_000.0
KEY = "0123456789abcdef" * 2


def token(name: str = "bootstrap-token-abcdef", **data: str) -> Object:
    whole = {"token-id": "abcdef", "token-secret": "0123456789abcdef", "usage-bootstrap-signing": "true", **data}
    encoded = {field: base64.b64encode(text.encode()).decode() for field, text in whole.items()}
    return {"metadata": {"name": name, "namespace": "kube-system"}, "type": bootstraptokens.TYPE, "data": encoded}


@pytest.mark.parametrize(("secret", "signs"), [
    (token(), True),
    (token("other"), False),
    (token(**{"usage-bootstrap-signing": "yes"}), False),
    (token(expiration="2020-09-13T12:26:39Z"), False),
    (token(expiration="2020-09-13T13:00:00Z"), True),
    (token(expiration="soon"), False),
])  # fmt: skip
def test_which_tokens_sign(secret: Object, signs: bool) -> None:
    assert (bootstraptokens.signing_pair(secret, NOW) is not None) == signs


def test_a_signature_is_a_jws_without_its_payload() -> None:
    header, _, mac = bootstrapsigner.signature("content", "abcdef", KEY).split(".")
    payload = base64.urlsafe_b64encode(b"content").rstrip(b"=").decode()
    signed = jwt.api_jws.decode_complete(f"{header}.{payload}.{mac}", KEY, ["HS256"])
    assert (signed["payload"], signed["header"]) == (b"content", {"alg": "HS256", "kid": "abcdef"})


async def test_signatures_come_and_go_with_their_tokens() -> None:
    api = FakeClient()
    running = manager(api, (bootstrapsigner.CONTROLLER, tokencleaner.CONTROLLER))
    running.start()
    info = {"metadata": {"name": "cluster-info", "namespace": "kube-public"}, "data": {"kubeconfig": "content"}}
    await api.create(CONFIGMAPS, info)
    await api.create(SECRETS, token(expiration="2020-09-13T12:27:40Z"))
    await running.idle()

    def names() -> list[str]:
        found = api.get(CONFIGMAPS, Key("kube-public", "cluster-info"))
        assert found is not None
        return sorted(found["data"])

    assert names() == ["jws-kubeconfig-abcdef", "kubeconfig"]
    api.clock.advance(61)
    await running.idle()
    assert (names(), api.list(SECRETS)) == (["kubeconfig"], [])
    await running.stop()
