"""The door a town platform knocks at: signed, no session, no cookie."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from anlan.accounts.models import Organisation
from anlan.core.clock import now
from anlan.core.errors import BadInput, DomainError, NotFound
from anlan.core.selectors import Cursor, events_after
from anlan.integrations.town_platform.incoming import BODY_MAX, platform_take
from anlan.integrations.town_platform.signing import PlatformKey, keys_read, verify
from anlan.integrations.town_platform.telling import KINDS, envelope_of

app_name = "town_platform"
READ_AT_ONCE = 2_000
GIVEN_AT_ONCE = 200
_PLACE = re.compile(r"(?:[0-9]{1,18}\.[0-9]{1,18})?")


def _signed_only(view: Callable[[HttpRequest, PlatformKey, bytes], HttpResponse]) -> Any:
    """Verify before anything else is looked at; refusals in the one shape."""

    # No session and no cookie is read: what a browser brings along counts for nothing here.
    @csrf_exempt
    @require_POST
    @wraps(view)
    def run(request: HttpRequest) -> HttpResponse:
        keys = keys_read(settings.TOWN_PLATFORM_KEYS)
        try:
            if not (said := request.headers.get("Content-Length") or "0").isdecimal() or int(said[:9]) > BODY_MAX:
                raise BadInput(field="body", problem=f"> {BODY_MAX} bytes")
            key = verify(request.headers, request.body, keys=keys, at=now())
            return view(request, key, request.body)
        except DomainError as refusal:
            return JsonResponse(refusal.as_json(), status=refusal.status)
        except RequestDataTooBig:
            return JsonResponse(BadInput(field="body", problem="–").as_json(), status=413)

    return run


@_signed_only
def told(request: HttpRequest, key: PlatformKey, body: bytes) -> HttpResponse:
    """One change; the answer says whether it was taken, noted or late, and whether it had come before."""
    return JsonResponse(platform_take(key=key, body=body, at=now()).as_json())


@_signed_only
def ask_again(request: HttpRequest, key: PlatformKey, body: bytes) -> HttpResponse:
    """Everything told after a place in the event table, ``{"after": "0.1234"}``, and the place where it ends."""
    organisation = Organisation.objects.filter(code=key.organisation).first()
    if organisation is None:
        raise NotFound
    cursor, found = Cursor.parse(_after(body)), []
    for event in events_after(cursor, limit=READ_AT_ONCE):
        envelope = envelope_of(event, organisation) if event.kind in KINDS else None
        cursor = Cursor.of(event)
        if envelope is not None:
            found.append(envelope.as_json())
        if len(found) >= GIVEN_AT_ONCE:
            break
    return JsonResponse({"events": found, "cursor": str(cursor)})


def _after(body: bytes) -> str:
    try:
        data = json.loads(body)
    except ValueError:
        data = None
    after = data.get("after", "") if isinstance(data, dict) else None
    # A place that is none would be read as the beginning, and everything told again for a slip of the pen.
    if not isinstance(after, str) or not _PLACE.fullmatch(after):
        raise BadInput(field="after", problem="–")
    return after


urlpatterns = [path("platform/events", told, name="told"), path("platform/replay", ask_again, name="again")]
