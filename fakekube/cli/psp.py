"""`fakekube psp explain`: which pod security policies a pod fits, and what stands in the way. Works on any cluster."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import click
from msgspec import Struct

from fakekube.cli.connection import NOBODY, Connection, ConnectionProblem, Impersonation, load
from fakekube.machinery.objects import Key, Object
from fakekube.machinery.users import service_account_groups, service_account_name

POLICIES = "/apis/policy/v1beta1/podsecuritypolicies"
REVIEWS = "/apis/authorization.k8s.io/v1"
GROUPS = ("policy", "extensions")
ANNOTATION = "kubernetes.io/psp"


class Subject(Struct, frozen=True):
    """The pod in question and who creates it."""

    manifest: Object
    """The pod as it was written."""
    pod: Object
    """The pod as it would reach the admission plugin: with its defaults."""
    namespace: str
    who: Impersonation
    by_controller: bool
    """The manifest is of a controller, which makes the pod: then only the service account counts."""

    @property
    def account(self) -> Key:
        """The service account that the pod runs as."""
        return Key(self.namespace, self.pod["spec"]["serviceAccountName"])


@click.group(name="psp")
def command() -> None:
    """Pod security policies: which of them a pod fits, and why not."""


@command.command()
@click.option(
    "-f", "--filename", type=click.File("rb"), required=True, help="Manifest of a pod, or of what makes pods."
)
@click.option("-n", "--namespace", default="", help="Namespace, if not the manifest's or the context's.")
@click.option("--as", "user", default="", help="Who creates the pod (impersonated). Default: the kubeconfig's user.")
@click.option("--as-group", "groups", multiple=True, help="A group of that user; may be given several times.")
@click.option(
    "--kubeconfig", type=click.Path(path_type=Path, dir_okay=False), help="Default: $KUBECONFIG, ~/.kube/config."
)
@click.option("--context", default="", help="Context of the kubeconfig, if not the current one.")
@click.option("-o", "--output", type=click.Choice(["text", "json"]), default="text", show_default=True)
def explain(
    filename: Any,
    namespace: str,
    user: str,
    groups: tuple[str, ...],
    kubeconfig: Path | None,
    context: str,
    output: str,
) -> None:
    """Show for every policy whether a pod may use it, and each field that it refuses.

    The policies and the permissions are read from the cluster, with the rights of the kubeconfig's user; nothing is
    created. The last line is the server's own answer to a dry run.
    """
    if groups and not user:
        raise click.UsageError("--as-group needs --as")
    try:
        connection = load(kubeconfig, context)
        subject = read_subject(filename.read(), namespace, connection.namespace, Impersonation(user, groups))
        result = investigate(connection, subject)
    except ConnectionProblem as error:
        raise click.ClickException(str(error)) from None
    click.echo(json.dumps(result, indent=2) if output == "json" else "\n".join(render(result)))


def read_subject(manifest: bytes, namespace: str, fallback: str, who: Impersonation) -> Subject:
    """The first pod or pod template of a manifest, with its defaults. Raises click.ClickException."""
    import yaml

    try:
        documents = [doc for doc in yaml.safe_load_all(manifest) if isinstance(doc, dict)]
    except yaml.YAMLError as error:
        raise click.ClickException(f"the manifest is no YAML: {error}") from None
    for document in documents:
        if (found := _pod_in(document)) is not None:
            metadata = document.get("metadata") or {}
            where = namespace or metadata.get("namespace") or fallback
            return Subject(found, _defaulted(found, where), where, who, found is not document)
    raise click.ClickException("the manifest has neither a pod nor anything that makes pods")


def _pod_in(document: Object) -> Object | None:
    """The document itself, or a pod from the template of a Deployment, Job, CronJob…"""
    if document.get("kind") == "Pod":
        return document
    spec = document.get("spec") or {}
    spec = (spec.get("jobTemplate") or {}).get("spec") or spec
    template = spec.get("template")
    if not isinstance(template, dict) or "spec" not in template:
        return None
    name = f"{(document.get('metadata') or {}).get('name', '')}-"
    metadata = {**(template.get("metadata") or {}), "generateName": name}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template["spec"]}


def _defaulted(pod: Object, namespace: str) -> Object:
    from fakekube.apis import schema
    from fakekube.apis.core.pods import RESOURCE as PODS
    from fakekube.machinery.decoding import DecodeError
    from fakekube.registry.codec import Codec

    try:
        full = Codec(schema.load()).decode(PODS, PODS.storage_version, pod)
    except DecodeError as error:
        raise click.ClickException(f"the manifest's pod cannot be read: {error}") from None
    full["metadata"]["namespace"] = namespace
    full["spec"].setdefault("serviceAccountName", "default")
    return full


def investigate(connection: Connection, subject: Subject) -> Object:
    """What the cluster has to say, put together. Raises ConnectionProblem, click.ClickException."""
    from fakekube.admission.psp.explanation import explain as evaluate

    policies = _items(connection.request("GET", POLICIES))
    usable: dict[str, bool] = {}
    notes = ["A controller makes this pod, so only its service account counts."] if subject.by_controller else []
    for policy in policies:
        name = policy["metadata"]["name"]
        usable[name] = any(_permissions(connection, subject, name, notes))
    return {
        "pod": subject.pod["metadata"].get("name") or subject.pod["metadata"].get("generateName", ""),
        "namespace": subject.namespace,
        "serviceAccount": subject.account.name,
        "policies": evaluate(policies, subject.pod, usable),
        "notes": list(dict.fromkeys(notes)),
        "server": "" if subject.by_controller else _dry_run(connection, subject),
    }


def _items(answer: tuple[int, Object]) -> list[Object]:
    code, document = answer
    if code == 404:
        raise click.ClickException("the cluster knows no pod security policies; Kubernetes has none since v1.25")
    if code != 200:
        raise click.ClickException(str(document.get("message")))
    items: list[Object] = document.get("items") or []
    return items


def _permissions(connection: Connection, subject: Subject, policy: str, notes: list[str]) -> Iterator[bool]:
    """Whether the service account, then the user, may use the policy, in either group."""
    account = {
        "user": service_account_name(subject.account),
        "groups": list(service_account_groups(subject.namespace)),
    }
    for group in GROUPS:
        attributes = {"group": group, "resource": "podsecuritypolicies", "verb": "use"}
        asked = {"resourceAttributes": {**attributes, "name": policy, "namespace": subject.namespace}}
        yield _review(connection, "subjectaccessreviews", {**asked, **account}, NOBODY, notes)
        if not subject.by_controller:
            yield _review(connection, "selfsubjectaccessreviews", asked, subject.who, notes)


def _review(connection: Connection, kind: str, spec: Object, who: Impersonation, notes: list[str]) -> bool:
    code, document = connection.request("POST", f"{REVIEWS}/{kind}", {"spec": spec}, who)
    if code != 201:
        whose = "the service account" if kind == "subjectaccessreviews" else "the user"
        notes.append(f"It is not known what {whose} may use: {document.get('message')}")
    return bool((document.get("status") or {}).get("allowed"))


def _dry_run(connection: Connection, subject: Subject) -> str:
    path = f"/api/v1/namespaces/{quote(subject.namespace)}/pods?dryRun=All"
    code, document = connection.request("POST", path, subject.manifest, subject.who)
    if code != 201:
        return str(document.get("message"))
    policy = (document["metadata"].get("annotations") or {}).get(ANNOTATION)
    return f"admitted under {policy}" if policy else "admitted, and no policy was asked: the plugin is not on"


def render(result: Object) -> Iterator[str]:
    """The investigation as text, line by line."""
    yield f'Pod "{result["pod"]}" in namespace "{result["namespace"]}", service account "{result["serviceAccount"]}"'
    yield ""
    yield from _table(result["policies"])
    for note in result["notes"]:
        yield f"Note: {note}"
    if result["server"]:
        yield f"The server says: {result['server']}"


def _table(rows: Sequence[Object]) -> Iterator[str]:
    if not rows:
        yield "There is no policy. With the plugin on, that means no pods either."
    width = max((len(row["policy"]) for row in rows), default=0)
    for row in rows:
        mark, usable = "*" if row["used"] else " ", "may be used    " if row["usable"] else "may not be used"
        yield f"{mark} {row['policy']:{width}}  {usable}  {row['outcome']}"
        yield from (f"      {reason}" for reason in row["reasons"])
        if not row["reasons"]:
            yield from (f"      sets {change}" for change in row["changes"])
    yield ""
