"""Name resolution of a pod: DNS policy and config, host aliases."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fakekube.machinery.fielderrors import FieldError, Path, invalid, required
from fakekube.machinery.goformat import Go
from fakekube.machinery.names import dns_subdomain, parse_ip, size
from fakekube.machinery.objects import Object

MAX_NAMESERVERS = 3
MAX_SEARCHES = 6
MAX_SEARCH_CHARS = 256
BAD_IP = "must be valid IP address"


def validate_dns_config(config: Object | None, policy: str, path: Path) -> Iterator[FieldError]:
    """Yield what is wrong with the DNS config; the policy None needs one."""
    if policy == "None":
        if config is None:
            yield required(path, "must provide `dnsConfig` when `dnsPolicy` is None")
            return
        if not config.get("nameservers"):
            why = "must provide at least one DNS nameserver when `dnsPolicy` is None"
            yield required(path / "nameservers", why)
            return
    if config is not None:
        yield from _nameservers(config.get("nameservers") or (), path / "nameservers")
        yield from _searches(config.get("searches") or (), path / "searches")
        for index, option in enumerate(config.get("options") or ()):
            if not option.get("name"):
                yield required(path / "options" @ index, "must not be empty")


def _nameservers(servers: Sequence[str], path: Path) -> Iterator[FieldError]:
    if len(servers) > MAX_NAMESERVERS:
        yield invalid(path, Go(servers, "[]string"), f"must not have more than {MAX_NAMESERVERS} nameservers")
    for index, server in enumerate(servers):
        if parse_ip(server) is None:
            yield invalid(path @ index, server, BAD_IP)


def _searches(searches: Sequence[str], path: Path) -> Iterator[FieldError]:
    if len(searches) > MAX_SEARCHES:
        yield invalid(path, Go(searches, "[]string"), f"must not have more than {MAX_SEARCHES} search paths")
    if size(" ".join(searches)) > MAX_SEARCH_CHARS:
        why = f"must not have more than {MAX_SEARCH_CHARS} characters (including spaces) in the search list"
        yield invalid(path, Go(searches, "[]string"), why)
    for index, search in enumerate(searches):
        name = search.removesuffix(".")
        yield from (invalid(path @ index, name, wrong) for wrong in dns_subdomain(name))


def validate_host_aliases(aliases: Sequence[Object], path: Path) -> Iterator[FieldError]:
    """Yield what is wrong with lines of /etc/hosts; the real server leaves the index out."""
    for alias in aliases:
        address = alias.get("ip", "")
        if parse_ip(address) is None:
            yield invalid(path / "ip", address, BAD_IP)
        for name in alias.get("hostnames") or ():
            yield from (invalid(path / "hostnames", name, wrong) for wrong in dns_subdomain(name))
