"""Serves ready bytes over HTTP: conditions, ranges, compression. Follows Go's http.ServeContent behind gziphandler."""

from __future__ import annotations

import gzip
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import formatdate, parsedate_to_datetime
from hashlib import sha512

from msgspec import Struct

Headers = Mapping[str, str]
"""A request's, looked up whatever the case."""
COMPRESSED_FROM = 1400
"""Bytes below which it is not worth it."""
TAG = re.compile(r'\s*((?:W/)?"[^"]*")\s*,?')
RANGE = re.compile(r"bytes=\s*(\d*)\s*-\s*(\d*)\s*")


class Answer(Struct, frozen=True):
    """A response; headers may repeat."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""


@dataclass(slots=True)
class Content:
    """Bytes with what HTTP says about them."""

    type: str
    body: bytes
    modified: float
    """In whole seconds since 1970."""
    etag: str = field(init=False)
    _zipped: bytes | None = None

    def __post_init__(self) -> None:
        self.etag = f'"{sha512(self.body).hexdigest().upper()}"'

    @property
    def zipped(self) -> bytes:
        """Compressed, at the first use."""
        if self._zipped is None:
            self._zipped = gzip.compress(self.body, 6, mtime=0)
        return self._zipped


VARY = (("Vary", "Accept-Encoding"), ("Vary", "Accept"))


def serve(content: Content, method: str, headers: Headers) -> Answer:
    """Answer a request for the content. The body is there for HEAD too: leave it out when writing."""
    tag = ("Etag", content.etag)
    changed = ("Last-Modified", formatdate(content.modified, usegmt=True))
    status = _condition(content, method, headers)
    if status == 304:
        return Answer(304, (tag, *VARY))
    if status == 412:
        return Answer(412, (tag, changed, *VARY))
    common = (("Content-Type", content.type), tag, changed, *VARY)
    found = _range(content, headers)
    if found is None:
        return _compressed(Answer(200, (("Accept-Ranges", "bytes"), *common), content.body), headers, content)
    size = len(content.body)
    if not found:
        text = (("Content-Range", f"bytes */{size}"), ("X-Content-Type-Options", "nosniff"))
        return Answer(416, (*text, ("Content-Type", "text/plain; charset=utf-8"), *common[1:]), NO_OVERLAP)
    part = content.body[found.start : found.stop]
    where = ("Content-Range", f"bytes {found.start}-{found.stop - 1}/{size}")
    return _compressed(Answer(206, (("Accept-Ranges", "bytes"), where, *common), part), headers)


NO_OVERLAP = b"invalid range: failed to overlap\n"


def _condition(content: Content, method: str, headers: Headers) -> int:
    """304 or 412 where the request's conditions end it, else 200."""
    reads = method in ("GET", "HEAD")
    if (wanted := headers.get("If-Match")) is not None:
        if not _matches(wanted, content.etag, weak=False):
            return 412
    elif (since := _seconds(headers.get("If-Unmodified-Since"))) is not None and content.modified > since:
        return 412
    if (known := headers.get("If-None-Match")) is not None:
        return (304 if reads else 412) if _matches(known, content.etag, weak=True) else 200
    since = _seconds(headers.get("If-Modified-Since"))
    return 304 if reads and since is not None and content.modified <= since else 200


def _matches(wanted: str, etag: str, *, weak: bool) -> bool:
    tags = TAG.findall(wanted)
    return wanted.strip() == "*" or etag in tags or (weak and f"W/{etag}" in tags)


def _seconds(date: str | None) -> float | None:
    try:
        return parsedate_to_datetime(date).timestamp() if date else None
    except ValueError:
        return None


def _range(content: Content, headers: Headers) -> range | None:
    """The bytes asked for; None for all, an empty range where there are none such. Several ranges get all."""
    size = len(content.body)
    found = RANGE.fullmatch(headers.get("Range", ""))
    condition = headers.get("If-Range")
    if found is None or found.group(1, 2) == ("", "") or (condition and condition != content.etag):
        return None
    first, last = found.groups()
    if not first:
        return range(max(size - int(last), 0), size)
    if last and int(last) < int(first):
        return range(0)
    return range(int(first), min(int(last) + 1, size) if last else size)


def _compressed(answer: Answer, headers: Headers, whole: Content | None = None) -> Answer:
    if len(answer.body) < COMPRESSED_FROM or not accepts_gzip(headers.get("Accept-Encoding", "")):
        return answer
    body = whole.zipped if whole else gzip.compress(answer.body, 6, mtime=0)
    return Answer(answer.status, (("Content-Encoding", "gzip"), *answer.headers), body)


def accepts_gzip(header: str) -> bool:
    """Whether an Accept-Encoding names gzip, and not with a quality of 0."""
    for clause in header.split(","):
        coding, _, parameters = clause.partition(";")
        if coding.strip().lower() == "gzip":
            quality = parameters.strip().removeprefix("q=")
            return quality.strip("0.") != "" or not quality
    return False
