"""Node selectors: of affinities, and of volumes that are bound to nodes."""

from __future__ import annotations

from collections.abc import Iterator

from fakekube.machinery import metarules
from fakekube.machinery.fielderrors import FieldError, Path, forbidden, invalid, required
from fakekube.machinery.names import dns_subdomain
from fakekube.machinery.objects import Object

BAD_OPERATOR = "not a valid selector operator"
NO_VALUES = "must be specified when `operator` is 'In' or 'NotIn'"
NEEDLESS_VALUES = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
ONE_VALUE = "must be specified single value when `operator` is 'Lt' or 'Gt'"
ONE_FIELD_VALUE = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"


def node_selector(selector: Object, path: Path) -> Iterator[FieldError]:
    """A selector of nodes by labels and fields: terms, of which one has to match."""
    terms = selector.get("nodeSelectorTerms") or ()
    if not terms:
        yield required(path / "nodeSelectorTerms", "must have at least one node selector term")
    for index, term in enumerate(terms):
        yield from node_selector_term(term, path / "nodeSelectorTerms" @ index)


def node_selector_term(term: Object, path: Path) -> Iterator[FieldError]:
    """One term of a node selector."""
    for index, requirement in enumerate(term.get("matchExpressions") or ()):
        yield from _requirement(requirement, path / "matchExpressions" @ index)
    for index, requirement in enumerate(term.get("matchFields") or ()):
        yield from _field_requirement(requirement, path / "matchFields" @ index)


def _requirement(requirement: Object, path: Path) -> Iterator[FieldError]:
    operator, values = requirement.get("operator", ""), requirement.get("values") or ()
    if operator in ("In", "NotIn"):
        if not values:
            yield required(path / "values", NO_VALUES)
    elif operator in ("Exists", "DoesNotExist"):
        if values:
            yield forbidden(path / "values", NEEDLESS_VALUES)
    elif operator in ("Gt", "Lt"):
        if len(values) != 1:
            yield required(path / "values", ONE_VALUE)
    else:
        yield invalid(path / "operator", operator, BAD_OPERATOR)
    yield from metarules.validate_label_name(requirement.get("key", ""), path / "key")


def _field_requirement(requirement: Object, path: Path) -> Iterator[FieldError]:
    operator, values = requirement.get("operator", ""), requirement.get("values") or ()
    if operator not in ("In", "NotIn"):
        yield invalid(path / "operator", operator, BAD_OPERATOR)
    elif len(values) != 1:
        yield required(path / "values", ONE_FIELD_VALUE)
    key = requirement.get("key", "")
    if key != "metadata.name":
        yield invalid(path / "key", key, "not a valid field selector key")
        return
    for index, value in enumerate(values):
        yield from (invalid(path / "values" @ index, value, wrong) for wrong in dns_subdomain(value))
