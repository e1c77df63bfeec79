"""ServiceAccount: every pod runs as one, with its token mounted. Follows plugin/pkg/admission/serviceaccount."""

from __future__ import annotations

from collections.abc import Iterator

from fakekube.admission.plugin import On, Plugin, forbidden
from fakekube.apis.core.secrets import RESOURCE as SECRETS
from fakekube.apis.core.serviceaccounts import RESOURCE as SERVICEACCOUNTS
from fakekube.apis.podspec.walk import init_and_containers, secret_names
from fakekube.machinery import status
from fakekube.machinery.objects import Key, Object
from fakekube.registry.attributes import CREATE, Attributes
from fakekube.registry.client import Client

MOUNT_PATH = "/var/run/secrets/kubernetes.io/serviceaccount"
MIRROR = "kubernetes.io/config.mirror"
ENFORCE = "kubernetes.io/enforce-mountable-secrets"
TOKEN_TYPE = "kubernetes.io/service-account-token"  # noqa: S105  a secret's type
ACCOUNT, ACCOUNT_UID = "kubernetes.io/service-account.name", "kubernetes.io/service-account.uid"
NOT_READY = (
    'No API token found for service account "{}", '
    "retry after the token is automatically created and added to the service account"
)
TRUE = ("1", "t", "T", "TRUE", "true", "True")


def mutate(a: Attributes, client: Client) -> None:
    """Set the account, mount its token, add its pull secrets. Raises Forbidden (403), ServerTimeout (500)."""
    pod = a.object
    assert pod is not None
    spec = pod["spec"]
    if MIRROR in pod["metadata"].get("annotations", {}):
        _check_mirror(a, spec)
        return
    if not spec.get("serviceAccountName"):
        spec["serviceAccountName"] = "default"
    spec["serviceAccount"] = spec["serviceAccountName"]
    account = _account(a, client, spec["serviceAccountName"])
    if spec.get("automountServiceAccountToken", account.get("automountServiceAccountToken", True)):
        _mount(client, account, spec)
    if not spec.get("imagePullSecrets") and account.get("imagePullSecrets"):
        spec["imagePullSecrets"] = [dict(reference) for reference in account["imagePullSecrets"]]
    _check_secrets(a, account, spec)


def validate(a: Attributes, client: Client) -> None:
    """What `mutate` found must still hold. Raises Forbidden (403)."""
    assert a.object is not None
    spec = a.object["spec"]
    if MIRROR in a.object["metadata"].get("annotations", {}):
        _check_mirror(a, spec)
        return
    _check_secrets(a, _account(a, client, spec.get("serviceAccountName", "")), spec)


def _account(a: Attributes, client: Client, name: str) -> Object:
    account = client.get(SERVICEACCOUNTS, Key(a.namespace, name))
    if account is None:
        missing = f'serviceaccount "{name}" not found'
        raise forbidden(a, f"error looking up service account {a.namespace}/{name}: {missing}")
    return account


def _mount(client: Client, account: Object, spec: Object) -> None:
    """A read-only volume with the token, in every container that has nothing at its path."""
    metadata = account["metadata"]
    token = _token(client, account)
    if not token:
        raise status.server_timeout("", "serviceaccounts", "create pod", NOT_READY.format(metadata["name"]), 1)
    volume = next((v["name"] for v in spec.get("volumes", ()) if v.get("secret", {}).get("secretName") == token), "")
    needs_volume = not volume
    volume = volume or _free_name(token, spec)
    used = False
    for container in init_and_containers(spec):
        mounts = container.get("volumeMounts", [])
        if any(mount["mountPath"] == MOUNT_PATH for mount in mounts):
            continue
        container["volumeMounts"] = [*mounts, {"name": volume, "readOnly": True, "mountPath": MOUNT_PATH}]
        used = True
    if used and needs_volume:
        source = {"name": volume, "secret": {"secretName": token}}
        spec["volumes"] = [*spec.get("volumes", ()), source]


def _token(client: Client, account: Object) -> str:
    """The first secret of the account that is a token of this very account; "" for none."""
    metadata = account["metadata"]
    for reference in account.get("secrets", ()):
        secret = client.get(SECRETS, Key(metadata["namespace"], reference["name"]))
        if secret is not None and _belongs(secret, metadata):
            name: str = reference["name"]
            return name
    return ""


def _belongs(secret: Object, account: Object) -> bool:
    annotations = secret["metadata"].get("annotations", {})
    return (
        secret.get("type") == TOKEN_TYPE
        and annotations.get(ACCOUNT) == account["name"]
        and annotations.get(ACCOUNT_UID) == account["uid"]
    )


def _free_name(token: str, spec: Object) -> str:
    from fakekube.machinery import generate

    taken = {volume["name"] for volume in spec.get("volumes", ())}
    return token if token not in taken else generate.name(f"{token}-")


def _check_mirror(a: Attributes, spec: Object) -> None:
    if spec.get("serviceAccountName"):
        raise forbidden(a, "a mirror pod may not reference service accounts")
    if secret_names(spec):
        raise forbidden(a, "a mirror pod may not reference secrets")
    for volume in spec.get("volumes", ()):
        if any("serviceAccountToken" in source for source in volume.get("projected", {}).get("sources", ())):
            raise forbidden(a, "a mirror pod may not use ServiceAccountToken volume projections")


def _check_secrets(a: Attributes, account: Object, spec: Object) -> None:
    """Where the account says so, a pod may use the account's own secrets only."""
    if account["metadata"].get("annotations", {}).get(ENFORCE) not in TRUE:
        return
    allowed = {reference["name"] for reference in account.get("secrets", ())}
    name = account["metadata"]["name"]
    suffix = f"is not allowed because service account {name} does not reference that secret"
    for subject, secret in _used_secrets(spec):
        if secret not in allowed:
            raise forbidden(a, f'{subject} secret.secretName="{secret}" {suffix}')
    pull = {reference["name"] for reference in account.get("imagePullSecrets", ())}
    for index, reference in enumerate(spec.get("imagePullSecrets", ())):
        if reference["name"] not in pull:
            why = (
                f'imagePullSecrets[{index}].name="{reference["name"]}" is not allowed because service account {name} '
                "does not reference that imagePullSecret"
            )
            raise forbidden(a, why)


def _used_secrets(spec: Object) -> Iterator[tuple[str, str]]:
    """(how the message begins, secret)."""
    for volume in spec.get("volumes", ()):
        if "secret" in volume:
            yield "volume with", volume["secret"].get("secretName", "")
    for label, field in (("init container", "initContainers"), ("container", "containers")):
        for container in spec.get(field, ()):
            for variable in container.get("env", ()):
                reference = variable.get("valueFrom", {}).get("secretKeyRef")
                if reference:
                    yield f"{label} {container['name']} with envVar {variable['name']} referencing", reference["name"]


PLUGIN = Plugin("ServiceAccount", On(frozenset({CREATE}), frozenset({"pods"})), mutate, validate)
