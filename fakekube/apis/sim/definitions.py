"""The field shapes of the group's kinds, in the form of the schema data (see machinery.schema)."""

from __future__ import annotations

from fakekube.machinery.schema import Record

GROUP, VERSION = "sim.fakekube.dev", "v1alpha1"
OWN = f"dev.fakekube.sim.{VERSION}"
META = "io.k8s.apimachinery.pkg.apis.meta.v1"
Row = tuple[str, str, str]
"""JSON name, Go type, flags."""


def _fields(*rows: Row) -> list[list[object]]:
    return [
        [name, name[0].upper() + name[1:], type_, number, flags] for number, (name, type_, flags) in enumerate(rows, 1)
    ]


def _kind(name: str, *rows: Row) -> dict[str, Record]:
    """A kind and lists of it; `rows` are its fields beside those that all kinds have."""
    typed: list[list[object]] = [
        ["kind", "TypeMeta.Kind", "string", [], "o"],
        ["apiVersion", "TypeMeta.APIVersion", "string", [], "o"],
    ]
    whole = [*typed, *_fields(("metadata", f"{META}.ObjectMeta", "o"), *rows)]
    listed = [*typed, *_fields(("metadata", f"{META}.ListMeta", "o"), ("items", f"[]{OWN}.{name}", "r"))]
    return {
        f"{OWN}.{name}": {"fields": whole, "kinds": [[GROUP, VERSION, name]]},
        f"{OWN}.{name}List": {"fields": listed, "kinds": [[GROUP, VERSION, f"{name}List"]]},
    }


def _part(name: str, *rows: Row) -> dict[str, Record]:
    return {f"{OWN}.{name}": {"fields": _fields(*rows)}}


DEFINITIONS: dict[str, Record] = {
    **_kind(
        "AdmissionConfiguration",
        ("spec", f"{OWN}.AdmissionConfigurationSpec", "o"),
        ("status", f"{OWN}.AdmissionConfigurationStatus", "o"),
    ),
    **_part("AdmissionConfigurationSpec", ("enabledPlugins", "[]string", "o"), ("disabledPlugins", "[]string", "o")),
    **_part("AdmissionConfigurationStatus", ("activePlugins", "[]string", "o"), ("inactivePlugins", "[]string", "o")),
    **_kind("Fault", ("spec", f"{OWN}.FaultSpec", "o"), ("status", f"{OWN}.FaultStatus", "o")),
    **_part(
        "FaultSpec",
        ("verbs", "[]string", "o"),
        ("apiGroups", "[]string", "o"),
        ("resources", "[]string", "o"),
        ("namespaces", "[]string", "o"),
        ("names", "[]string", "o"),
        ("users", "[]string", "o"),
        ("count", "*int32", "o"),
        ("latency", "string", "o"),
        ("code", "int32", "o"),
        ("message", "string", "o"),
        ("retryAfterSeconds", "int32", "o"),
        ("drop", "bool", "o"),
    ),
    **_part("FaultStatus", ("hits", "int32", "o")),
    **_kind("Image", ("spec", f"{OWN}.ImageSpec", "o")),
    **_part(
        "ImageSpec",
        ("names", "[]string", "r"),
        ("user", "string", "o"),
        ("entrypoint", "[]string", "o"),
        ("cmd", "[]string", "o"),
        ("env", "map[string]string", "o"),
        ("workingDir", "string", "o"),
        ("ports", "[]int32", "o"),
        ("http", f"[]{OWN}.ImageRoute", "o"),
        ("files", "map[string]string", "o"),
        ("programs", "[]string", "o"),
        ("setuid", "[]string", "o"),
        ("shell", "*bool", "o"),
        ("log", "[]string", "o"),
        ("serves", "*bool", "o"),
        ("exitCode", "*int32", "o"),
        ("exitAfter", "*float64", "o"),
        ("onTerm", "*int32", "o"),
        ("ignoresTerm", "bool", "o"),
        ("preloaded", "*bool", "o"),
        ("pullSeconds", "*float64", "o"),
        ("pullError", "string", "o"),
    ),
    **_part(
        "ImageRoute",
        ("port", "int32", "r"),
        ("path", "string", "o"),
        ("method", "string", "o"),
        ("status", "int32", "o"),
        ("headers", "map[string]string", "o"),
        ("body", "string", "o"),
        ("root", "string", "o"),
    ),
    **_kind(
        "RequestRecord",
        ("request", f"{OWN}.RecordedRequest", "o"),
        ("user", f"{OWN}.RecordedUser", "o"),
        ("authorization", f"{OWN}.RecordedAuthorization", "o"),
        ("admission", f"[]{OWN}.RecordedPlugin", "o"),
        ("response", f"{OWN}.RecordedResponse", "o"),
        ("latency", "map[string]float64", "o"),
    ),
    **_part(
        "RecordedRequest",
        ("auditID", "string", "o"),
        ("method", "string", "o"),
        ("uri", "string", "o"),
        ("userAgent", "string", "o"),
        ("verb", "string", "o"),
        ("apiGroup", "string", "o"),
        ("apiVersion", "string", "o"),
        ("resource", "string", "o"),
        ("subresource", "string", "o"),
        ("namespace", "string", "o"),
        ("name", "string", "o"),
    ),
    **_part(
        "RecordedUser",
        ("username", "string", "o"),
        ("groups", "[]string", "o"),
        ("authenticator", "string", "o"),
        ("impersonatedBy", "string", "o"),
        ("rejected", "[]string", "o"),
    ),
    **_part(
        "RecordedAuthorization",
        ("decision", "string", "o"),
        ("authorizer", "string", "o"),
        ("reason", "string", "o"),
        ("rule", "*io.k8s.api.rbac.v1.PolicyRule", "o"),
        ("closest", "[]string", "o"),
    ),
    **_part(
        "RecordedPlugin", ("plugin", "string", "r"), ("findings", "[]io.k8s.apimachinery.pkg.runtime.RawExtension", "o")
    ),
    **_part("RecordedResponse", ("code", "int32", "o"), ("message", "string", "o")),
}
"""Definition name -> record."""
