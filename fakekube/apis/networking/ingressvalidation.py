"""What an Ingress has to look like, told in the words of the version that a client speaks.

The beta versions go on taking what they have always taken. Follows pkg/apis/networking/validation of v1.20.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from msgspec import Struct

from fakekube.apis import again
from fakekube.apis.loadbalancers import NOT_A_NAME, validate_load_balancer
from fakekube.apis.networking.references import validate_reference
from fakekube.apis.podspec.checks import breaches
from fakekube.machinery.fielderrors import FieldError, Path, invalid, not_supported, required
from fakekube.machinery.goformat import Go
from fakekube.machinery.names import (
    dns_1035_label,
    dns_subdomain,
    parse_ip,
    port_name,
    port_number,
    wildcard_subdomain,
)
from fakekube.machinery.objects import Object

SPEC = Path("spec")
CLASS_ANNOTATION = "kubernetes.io/ingress.class"
PATH_TYPES = ("Exact", "ImplementationSpecific", "Prefix")
FORBIDDEN_PARTS = ("//", "/./", "/../", "%2f", "%2F")
FORBIDDEN_ENDS = ("/..", "/.")


class Dialect(Struct, frozen=True):
    """A version's names for the fields, and how lenient it is."""

    beta: bool
    any_secret: bool
    """Secrets of TLS may have any name."""
    any_wildcard: bool
    """Nothing is said of the paths of a host with a wildcard."""

    @property
    def default_backend(self) -> str:
        """The field of the backend that serves what no rule matches."""
        return "backend" if self.beta else "defaultBackend"

    def service(self, path: Path, *names: str) -> Path:
        """Where a backend has the service's name, its port's name or number."""
        if self.beta:
            return path / ("serviceName" if names == ("name",) else "servicePort")
        for name in ("service", *names):
            path = path / name
        return path


def validator(*, beta: bool) -> Callable[[Object], Iterator[FieldError]]:
    """The check of new ingresses."""

    def validate(ingress: Object) -> Iterator[FieldError]:
        yield from again.created(ingress)
        yield from _spec(ingress["spec"], SPEC, Dialect(beta, beta, beta))
        annotations = ingress["metadata"].get("annotations") or {}
        if CLASS_ANNOTATION in annotations and ingress["spec"].get("ingressClassName") is not None:
            path = Path("annotations") / CLASS_ANNOTATION
            yield invalid(path, annotations[CLASS_ANNOTATION], "can not be set when the class field is also set")

    return validate


def update_validator(*, beta: bool) -> Callable[[Object, Object], Iterator[FieldError]]:
    """The check of updates: faults that were there before are let through."""

    def validate_update(new: Object, old: Object) -> Iterator[FieldError]:
        yield from again.changed(new, old)
        yield from again.judged(new, namespaced=True)
        dialect = Dialect(beta, beta or _has_odd_secret(old), beta or _has_odd_wildcard(old))
        yield from _spec(new["spec"], SPEC, dialect)

    return validate_update


def validate_status(new: Object, old: Object) -> Iterator[FieldError]:
    """Yield what is wrong with an update of the status."""
    yield from again.changed(new, old)
    balancer = (new.get("status") or {}).get("loadBalancer") or {}
    yield from validate_load_balancer(balancer, Path("status") / "loadBalancer")


def _has_odd_secret(ingress: Object) -> bool:
    names = (tls.get("secretName") for tls in ingress["spec"].get("tls") or ())
    return any(name and any(dns_subdomain(name)) for name in names)


def _has_odd_wildcard(ingress: Object) -> bool:
    rules = (rule for rule in ingress["spec"].get("rules") or () if "*" in rule.get("host", ""))
    strict = Dialect(beta=False, any_secret=False, any_wildcard=False)
    return any(any(_http(rule.get("http"), Path(), strict)) for rule in rules)


def _spec(spec: Object, path: Path, dialect: Dialect) -> Iterator[FieldError]:
    rules, backend = spec.get("rules"), spec.get("defaultBackend")
    if not rules and backend is None:
        text = f"either `{dialect.default_backend}` or `rules` must be specified"
        yield invalid(path, Go(rules, "[]networking.IngressRule"), text)
    if backend is not None:
        yield from _backend(backend, path / dialect.default_backend, dialect)
    for index, rule in enumerate(rules or ()):
        yield from _rule(rule, path / "rules" @ index, dialect)
    for index, tls in enumerate(spec.get("tls") or ()):
        yield from _tls(tls, path / "tls" @ index, dialect)
    if (name := spec.get("ingressClassName")) is not None:
        yield from breaches(name, path / "ingressClassName", dns_subdomain)


def _host(host: str, path: Path) -> Iterator[FieldError]:
    yield from breaches(host, path, wildcard_subdomain if "*" in host else dns_subdomain)


def _tls(tls: Object, path: Path, dialect: Dialect) -> Iterator[FieldError]:
    for index, host in enumerate(tls.get("hosts") or ()):
        yield from _host(host, path / "hosts" @ index)
    if (name := tls.get("secretName")) and not dialect.any_secret:
        yield from breaches(name, path / "secretName", dns_subdomain)


def _rule(rule: Object, path: Path, dialect: Dialect) -> Iterator[FieldError]:
    host = rule.get("host", "")
    if host:
        if parse_ip(host) is not None:
            yield invalid(path / "host", host, NOT_A_NAME)
        yield from _host(host, path / "host")
    if "*" not in host or not dialect.any_wildcard:
        yield from _http(rule.get("http"), path / "http", dialect)


def _http(http: Object | None, path: Path, dialect: Dialect) -> Iterator[FieldError]:
    if http is None:
        return
    paths: Sequence[Object] = http.get("paths") or ()
    if not paths:
        yield required(path / "paths")
    for index, one in enumerate(paths):
        yield from _path(one, path / "paths" @ index, dialect)


def _path(one: Object, path: Path, dialect: Dialect) -> Iterator[FieldError]:
    type_, text = one.get("pathType"), one.get("path", "")
    if type_ is None:
        yield required(path / "pathType", "pathType must be specified")
        return
    if type_ not in PATH_TYPES:
        yield not_supported(path / "pathType", type_, PATH_TYPES)
    else:
        strict = type_ != "ImplementationSpecific"
        if (strict or text) and not text.startswith("/"):
            yield invalid(path / "path", text, "must be an absolute path")
        if strict:
            yield from _plain(text, path / "path")
    yield from _backend(one.get("backend") or {}, path / "backend", dialect)


def _plain(text: str, path: Path) -> Iterator[FieldError]:
    """Paths that are compared literally have one spelling."""
    for part in FORBIDDEN_PARTS:
        if part in text:
            yield invalid(path, text, f"must not contain '{part}'")
    for end in FORBIDDEN_ENDS:
        if text.endswith(end):
            yield invalid(path, text, f"cannot end with '{end}'")


def _backend(backend: Object, path: Path, dialect: Dialect) -> Iterator[FieldError]:
    resource, service = backend.get("resource"), backend.get("service")
    if resource is not None and service is not None:
        yield invalid(path, "", "cannot set both resource and service backends")
    elif resource is not None:
        yield from validate_reference(resource, path / "resource")
    elif service is not None:
        yield from _service(service, path, dialect)
    else:
        yield invalid(path, "", "resource or service backend is required")


def _service(service: Object, path: Path, dialect: Dialect) -> Iterator[FieldError]:
    if name := service.get("name"):
        yield from breaches(name, dialect.service(path, "name"), dns_1035_label)
    else:
        yield required(dialect.service(path, "name"))
    port = service.get("port") or {}
    label, number = port.get("name"), port.get("number")
    if label and number:
        yield invalid(path, "", "cannot set both port name & port number")
    elif label:
        yield from breaches(label, dialect.service(path, "port", "name"), port_name)
    elif number:
        here = dialect.service(path, "port", "number")
        yield from (invalid(here, number, wrong) for wrong in port_number(number))
    else:
        yield required(path, "port name or number is required")
