"""A file over HTTP, whole or a stretch of it (RFC 9110, section 14)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse

CHUNK = 1 << 16
_ONE = re.compile(r"bytes=\s*(\d*)-(\d*)\s*", re.ASCII)
_DIGITS = 18


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a file; a length of 0 can't be satisfied."""

    start: int
    length: int


def range_asked(header: str, size: int) -> Span | None:
    """The one range that ``header`` asks of a file of ``size`` bytes; None when the whole file is the answer.

    A header that is empty, broken, of another unit, or asks for several ranges is not obeyed: the standard
    lets a server answer it with the whole.
    """
    found = _ONE.fullmatch(header)
    first, last = found.groups() if found else ("", "")
    if not (first or last) or max(len(first), len(last)) > _DIGITS:
        return None
    if not first:
        length = min(int(last), size)
        return Span(size - length, length)
    start, stop = int(first), int(last) + 1 if last else size
    if last and stop <= start:
        return None
    return Span(start, max(0, min(stop, size) - start))


def file_answer(
    request: HttpRequest, opened: Callable[[], BinaryIO], *, size: int, etag: str, headers: Mapping[str, str]
) -> HttpResponseBase:
    """What a request for a file of ``size`` bytes gets: 200, 206, 304 or 416, and of HEAD the headers alone.

    ``opened`` is asked for the file only where bytes of it are sent; ``etag`` is the quoted mark of its content.
    """
    told = {**headers, "ETag": etag, "Accept-Ranges": "bytes"}
    if etag in request.headers.get("If-None-Match", ""):
        return HttpResponse(status=304, headers=told)
    span = range_asked(request.headers.get("Range", ""), size)
    if request.headers.get("If-Range", etag) != etag:
        span = None
    if span is not None and not span.length:
        return HttpResponse(status=416, headers={**told, "Content-Range": f"bytes */{size}"})
    part = span or Span(0, size)
    told["Content-Length"] = str(part.length)
    if span is not None:
        told["Content-Range"] = f"bytes {part.start}-{part.start + part.length - 1}/{size}"
    status = 200 if span is None else 206
    if request.method == "HEAD":
        return HttpResponse(status=status, headers=told)
    pieces = _read(opened(), part)
    if part.length <= CHUNK * 16:
        return HttpResponse(b"".join(pieces), status=status, headers=told)
    return StreamingHttpResponse(pieces, status=status, headers=told)


def _read(file: BinaryIO, part: Span) -> Iterator[bytes]:
    with file:
        file.seek(part.start)
        left = part.length
        while left and (piece := file.read(min(CHUNK, left))):
            left -= len(piece)
            yield piece
