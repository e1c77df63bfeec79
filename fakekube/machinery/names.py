"""What names may be. Each rule yields the texts of what is wrong, as apimachinery's util/validation words them.

Lengths are counted in bytes of UTF-8. Rules that give field errors, because they name the part that is wrong, take the
path too.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterator
from itertools import islice

from fakekube.machinery.fielderrors import FieldError, Path, invalid, required

Rule = Callable[[str], Iterator[str]]

_LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN = rf"{_LABEL}(\.{_LABEL})*"
_WILDCARD = rf"\*\.{_SUBDOMAIN}"
_DNS_1035 = "[a-z]([-a-z0-9]*[a-z0-9])?"
_QUALIFIED = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
_LABEL_VALUE = f"({_QUALIFIED})?"
_C_IDENTIFIER = "[A-Za-z_][A-Za-z0-9_]*"
_PERCENT = "[0-9]+%"
_HEADER = "[-A-Za-z0-9]+"
_ENV_VAR = "[-._a-zA-Z][-._a-zA-Z0-9]*"
_CONFIG_KEY = "[-._a-zA-Z0-9]+"
_HTTP_PATH = r"[A-Za-z0-9/\-._~%!$&'()*+,;=:]+"

DNS_LABEL = re.compile(_LABEL)
DNS_SUBDOMAIN = re.compile(_SUBDOMAIN)
WILDCARD_SUBDOMAIN = re.compile(_WILDCARD)
DNS_1035 = re.compile(_DNS_1035)
QUALIFIED = re.compile(_QUALIFIED)
LABEL_VALUE = re.compile(_LABEL_VALUE)
C_IDENTIFIER = re.compile(_C_IDENTIFIER)
PERCENT = re.compile(_PERCENT)
HTTP_HEADER = re.compile(_HEADER)
ENV_VAR = re.compile(_ENV_VAR)
CONFIG_KEY = re.compile(_CONFIG_KEY)
HTTP_PATH = re.compile(_HTTP_PATH)
PORT_NAME = re.compile("[-a-z0-9]+")


def explain(text: str, pattern: str, *examples: str) -> str:
    """What a string that does not match `pattern` is told."""
    shown = "".join(f"'{example}',  or " for example in examples[:-1])
    shown = f"e.g. {shown}'{examples[-1]}', " if examples else ""
    return f"{text} ({shown}regex used for validation is '{pattern}')"


LABEL_TEXT = explain(
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end "
    "with an alphanumeric character",
    *(_LABEL, "my-name", "123-abc"),
)
SUBDOMAIN_TEXT = explain(
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start "
    "and end with an alphanumeric character",
    *(_SUBDOMAIN, "example.com"),
)
WILDCARD_TEXT = explain(
    "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of "
    "lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
    *(_WILDCARD, "*.example.com"),
)
DNS_1035_TEXT = explain(
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, "
    "and end with an alphanumeric character",
    *(_DNS_1035, "my-name", "abc-123"),
)
QUALIFIED_TEXT = explain(
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
    *(_QUALIFIED, "MyName", "my.name", "123-abc"),
)
LABEL_VALUE_TEXT = explain(
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start "
    "and end with an alphanumeric character",
    *(_LABEL_VALUE, "MyValue", "my_value", "12345"),
)
C_IDENTIFIER_TEXT = explain(
    "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric "
    "characters or '_'",
    *(_C_IDENTIFIER, "my_name", "MY_NAME", "MyName"),
)
PERCENT_TEXT = explain(
    "a valid percent string must be a numeric string followed by an ending '%'", _PERCENT, "1%", "93%"
)
HTTP_HEADER_TEXT = explain(
    "a valid HTTP header must consist of alphanumeric characters or '-'", _HEADER, "X-Header-Name"
)
ENV_VAR_TEXT = explain(
    "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not "
    "start with a digit",
    *(_ENV_VAR, "my.env-name", "MY_ENV.NAME", "MyEnvName1"),
)
CONFIG_KEY_TEXT = explain(
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
    *(_CONFIG_KEY, "key.name", "KEY_NAME", "key-name"),
)
IP_TEXT = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"
EMPTY_TEXT = "must be non-empty"


def size(text: str) -> int:
    """Bytes of the text in UTF-8."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def at_most(limit: int) -> str:
    """What a string of more than `limit` bytes is told."""
    return f"must be no more than {limit} characters"


def _bounded(text: str, limit: int, pattern: re.Pattern[str], complaint: str) -> Iterator[str]:
    if size(text) > limit:
        yield at_most(limit)
    if not pattern.fullmatch(text):
        yield complaint


def dns_subdomain(name: str) -> Iterator[str]:
    """Most kinds: RFC 1123 subdomain of at most 253 bytes."""
    return _bounded(name, 253, DNS_SUBDOMAIN, SUBDOMAIN_TEXT)


def dns_label(name: str) -> Iterator[str]:
    """Namespaces: RFC 1123 label of at most 63 bytes."""
    return _bounded(name, 63, DNS_LABEL, LABEL_TEXT)


def dns_1035_label(name: str) -> Iterator[str]:
    """Services: RFC 1035 label of at most 63 bytes."""
    return _bounded(name, 63, DNS_1035, DNS_1035_TEXT)


def wildcard_subdomain(name: str) -> Iterator[str]:
    """Hosts of ingresses: "*." and a subdomain."""
    return _bounded(name, 253, WILDCARD_SUBDOMAIN, WILDCARD_TEXT)


def path_segment(name: str) -> Iterator[str]:
    """RBAC kinds: anything that can stand in a path."""
    if name in (".", ".."):
        yield f"may not be '{name}'"
        return
    for part in ("/", "%"):
        if part in name:
            yield f"may not contain '{part}'"


def as_prefix(rule: Rule, name: str) -> Iterator[str]:
    """A rule applied to a generateName: a trailing dash stands for what is appended."""
    return rule(f"{name[:-2]}a" if name.endswith("-") else name)


def qualified_name(name: str) -> Iterator[str]:
    """Keys of labels, finalizers and conditions: [subdomain "/"] name of at most 63 bytes."""
    prefix, slash, local = name.rpartition("/")
    if "/" in prefix:
        example = "with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
        yield f"a qualified name {QUALIFIED_TEXT} {example}"
        return
    if slash and not prefix:
        yield f"prefix part {EMPTY_TEXT}"
    elif slash:
        yield from (f"prefix part {text}" for text in dns_subdomain(prefix))
    if not local:
        yield f"name part {EMPTY_TEXT}"
    elif size(local) > 63:
        yield f"name part {at_most(63)}"
    if not QUALIFIED.fullmatch(local):
        yield f"name part {QUALIFIED_TEXT}"


def label_value(value: str) -> Iterator[str]:
    """Values of labels: empty, or at most 63 bytes."""
    return _bounded(value, 63, LABEL_VALUE, LABEL_VALUE_TEXT)


def c_identifier(name: str) -> Iterator[str]:
    """Names of variables in strict places."""
    if not C_IDENTIFIER.fullmatch(name):
        yield C_IDENTIFIER_TEXT


def _no_parent_directory(name: str) -> Iterator[str]:
    if name in (".", ".."):
        yield f"must not be '{name}'"
    elif name.startswith(".."):
        yield "must not start with '..'"


def env_var_name(name: str) -> Iterator[str]:
    """Names of environment variables."""
    if not ENV_VAR.fullmatch(name):
        yield ENV_VAR_TEXT
    yield from _no_parent_directory(name)


def config_map_key(key: str) -> Iterator[str]:
    """Keys of config maps and secrets: they become file names."""
    yield from _bounded(key, 253, CONFIG_KEY, CONFIG_KEY_TEXT)
    yield from _no_parent_directory(key)


def port_name(name: str) -> Iterator[str]:
    """IANA service names: at most 15 of [-a-z0-9]."""
    if size(name) > 15:
        yield at_most(15)
    if not PORT_NAME.fullmatch(name):
        yield "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)"
    if not any("a" <= char <= "z" for char in name):
        yield "must contain at least one letter or number (a-z, 0-9)"
    if "--" in name:
        yield "must not contain consecutive hyphens"
    if name.startswith("-") or name.endswith("-"):
        yield "must not begin or end with a hyphen"


def in_range(value: int, low: int, high: int) -> Iterator[str]:
    """A number between the two, both included."""
    if not low <= value <= high:
        yield f"must be between {low} and {high}, inclusive"


def port_number(port: int) -> Iterator[str]:
    """1 to 65535."""
    return in_range(port, 1, 65535)


def user_id(uid: int) -> Iterator[str]:
    """UIDs and GIDs: 0 to 2147483647."""
    return in_range(uid, 0, 2147483647)


def percent(text: str) -> Iterator[str]:
    """Digits and a percent sign."""
    if not PERCENT.fullmatch(text):
        yield PERCENT_TEXT


def http_header_name(name: str) -> Iterator[str]:
    """Headers of HTTP probes."""
    if not HTTP_HEADER.fullmatch(name):
        yield HTTP_HEADER_TEXT


def parse_ip(text: str) -> bytes | None:
    """The four or sixteen bytes of an IP address; None where Go's net.ParseIP would see none.

    An IPv4 address in IPv6 form (::ffff:1.2.3.4) counts as IPv4, as it does for Go's To4.
    """
    if not text.isascii() or "\0" in text:
        return None
    try:
        if ":" not in text:
            return socket.inet_pton(socket.AF_INET, text)
        data = socket.inet_pton(socket.AF_INET6, text)
    except OSError:
        return None
    return data[12:] if data.startswith(b"\0" * 10 + b"\xff\xff") else data


def parse_cidr(text: str) -> tuple[bytes, int] | None:
    """The address as it is written and the length of the mask; None where Go's net.ParseCIDR would see none."""
    address, slash, mask = text.partition("/")
    data = parse_ip(address)
    if data is None or not slash or not mask.isascii() or not mask.isdigit():
        return None
    limit = 32 if ":" not in address else 128
    length = int(mask) if len(mask) < 6 else limit + 1
    return (data, length) if length <= limit else None


def ip(text: str) -> Iterator[str]:
    """An IPv4 or IPv6 address."""
    if parse_ip(text) is None:
        yield IP_TEXT


def socket_address(text: str) -> Iterator[str]:
    """host:port, where the host is an IP address."""
    match = re.fullmatch(r"(?:\[([^\[\]]*)\]|([^:\[\]]*)):([^:\[\]]*)", text)
    if match is None:
        yield "must be a valid socket address format, (e.g. 0.0.0.0:10254 or [::]:10254)"
        return
    port = match[3]
    yield from port_number(int(port) if re.fullmatch("[0-9]{1,9}", port) else 0)
    yield from ip(match[1] or match[2] or "")


def ip_of_family(family: int, text: str, path: Path) -> Iterator[FieldError]:
    """An address of IPv4 (`family` is 4) or IPv6 (6)."""
    data = parse_ip(text)
    if data is None or len(data) != (4 if family == 4 else 16):
        yield invalid(path, text, f"must be a valid IPv{family} address")


def fully_qualified_name(name: str, path: Path) -> Iterator[FieldError]:
    """A domain of three labels or more, such as a signer's."""
    if not name:
        yield required(path)
    elif texts := list(dns_subdomain(name)):
        yield invalid(path, name, ",".join(texts))
    elif name.count(".") < 2:
        yield invalid(path, name, "should be a domain with at least three segments separated by dots")


def fully_qualified_domain_name(name: str, path: Path) -> Iterator[FieldError]:
    """A domain of two labels or more; it may end with a dot."""
    if not name:
        yield required(path)
        return
    name = name.removesuffix(".")
    labels = name.split(".")
    if texts := list(dns_subdomain(name)):
        yield invalid(path, name, ",".join(texts))
    elif len(labels) < 2:
        yield invalid(path, name, "should be a domain with at least two segments separated by dots")
    else:  # the first label that is too long ends it
        wrong = ((label, ",".join(dns_label(label))) for label in labels)
        yield from (invalid(path, label, text) for label, text in islice((pair for pair in wrong if pair[1]), 1))


def domain_prefixed_path(text: str, path: Path) -> Iterator[FieldError]:
    """A subdomain, a slash and an HTTP path, such as an ingress class's controller."""
    if not text:
        yield required(path)
        return
    host, _, rest = text.partition("/")
    if not host or not rest:
        yield invalid(path, text, 'must be a domain-prefixed path (such as "acme.io/foo")')
        return
    yield from (invalid(path, host, complaint) for complaint in dns_subdomain(host))
    if not HTTP_PATH.fullmatch(rest):
        yield invalid(path, rest, explain("Invalid path", _HTTP_PATH))
