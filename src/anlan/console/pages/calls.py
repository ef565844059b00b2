"""The call form: from the first word to the saved sheet, without a mouse and without a mandatory field."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from anlan.console.asked import whole
from anlan.console.pages.ringing import screen_pop
from anlan.console.screen import screen
from anlan.console.words import DANGER, danger_words, likeness_words, rule_words
from anlan.core.actor import Actor
from anlan.core.clock import now
from anlan.core.pages import command_post, page_actor
from anlan.intake import services as intake
from anlan.intake.models import Call, CallBack, Incident
from anlan.intake.selectors.duplicates import duplicates_look, repeat_suggest
from anlan.places.models import Place
from anlan.places.selectors import address_search
from anlan.tagging.selectors import incident_type, incident_types, suggest, tag_value

log = logging.getLogger(__name__)
TYPES_OFFERED = 3
ANALYSED_CHARS = 4000
# What the form hands in as the call sheet; everything else in it is for the page alone.
SHEET_FIELDS = (
    "narrative",
    "address_text",
    "place_id",
    "lon",
    "lat",
    "channel",
    "call_type",
    "code",
    "priority",
    "track",
    "reason",
    "is_major",
    "reporter_name",
    "reporter_phone",
    "is_confidential",
    "call_id",
    "link_to",
    "repeat_of",
)
PARTNER_KEYS = (("12345", "F2"), ("119", "F3"), ("120", "F4"))
PAGE_KEYS = (
    ("Ctrl+Enter", _("Save")),
    ("Ctrl+Shift+Enter", _("Save and send")),
    ("F8", _("Invalid")),
    ("F9", _("Silent: nobody says anything, to be called back")),
    ("F10", _("Caller can't speak: a P1 at once")),
)
CALL_BACK_OUTCOMES = (
    ("reached", _("Reached, nothing wrong")),
    ("danger", _("Reached, in danger")),
    ("no_answer", _("No answer")),
)
NO_MATTER = (("prank", _("prank")), ("wrong_number", _("wrong number")), ("test", _("test")))


@screen("console.call")
def call_new(request: HttpRequest) -> HttpResponse:
    """An empty sheet; the words are the first thing, everything else can wait."""
    return _form(request, None)


@screen("console.call")
def call_edit(request: HttpRequest, number: str) -> HttpResponse:
    """The sheet of a call that rings, was answered, or is to be called back."""
    call: Call = Call.objects.one_for(page_actor(request), number=number)
    if call.incident is not None and call.state not in ("ringing", "answered", "recorded", "abandoned"):
        return HttpResponseRedirect(reverse("console:incident", args=[call.incident.number]))
    return _form(request, call)


def _form(request: HttpRequest, call: Call | None) -> HttpResponse:
    context = {
        "call": call,
        "since": (call.answered_at or call.ringing_at or call.state_since) if call else now(),
        "saved": request.GET.get("saved", ""),
        "is_call_only": request.GET.get("only") == "call",
        "channels": Call.Channel.choices,
        "call_types": Call.Type.choices,
        "priorities": [key for key, _word in Incident._meta.get_field("priority").flatchoices],
        "tracks": Incident._meta.get_field("track").flatchoices,
        "types": incident_types(),
        "danger_flags": DANGER.items(),
        "partners": PARTNER_KEYS,
        "page_keys": PAGE_KEYS,
        "no_matter": NO_MATTER,
        "call_back": CallBack.objects.filter(call=call, done_at=None).first() if call else None,
        "outcomes": CALL_BACK_OUTCOMES,
        "default_theme": "dark",
        **screen_pop(call),
    }
    return render(request, "console/call.html", context)


@require_POST
def call_save(request: HttpRequest) -> HttpResponse:
    """Save the sheet; then go on to the next call, or to sending."""
    saved = sheet_save(request)
    if saved["incident"] and request.POST.get("then") == "send":
        return HttpResponseRedirect(f"{reverse('console:queue')}?incident={saved['incident']}&send=1")
    kept = f"saved={saved['incident']}" if saved["incident"] else f"saved={saved['call']}&only=call"
    return HttpResponseRedirect(f"{reverse('console:call_new')}?{kept}")


def sheet_save(request: HttpRequest) -> dict[str, Any]:
    """Take the posted sheet in, and hand it to a partner desk if asked; the numbers of call and incident."""
    then = request.POST.get("then", "save")

    def act(by: Actor, at: datetime) -> dict[str, Any]:
        sheet, aside = intake.sheet_read(_raw(request.POST))
        received = intake.call_receive(line=sheet, at=at, by=by, unreadable=aside)
        if then.startswith("transfer:") and received.incident is not None:
            intake.transfer_offer(
                incident=received.incident,
                partner=then.partition(":")[2],
                by=by,
                at=at,
            )
        incident = received.incident
        return {"call": received.call.number, "incident": incident.number if incident else None}

    saved: dict[str, Any] = command_post(request, "intake.call_take", act)
    return saved


def _raw(post: Any) -> dict[str, Any]:
    """The sheet's loose values from the form."""
    raw: dict[str, Any] = {name: post.get(name) for name in SHEET_FIELDS if post.get(name)}
    if danger := post.getlist("danger"):
        raw["danger"] = danger
    return raw


@require_POST
@screen("console.call")
def suggest_part(request: HttpRequest) -> HttpResponse:
    """What the words suggest so far: types, dangers, track with its rule, and whom else has told of it."""
    post, actor, at = request.POST, page_actor(request, "intake.call_take"), now()
    text = post.get("narrative", "").strip()
    found = _suggested(text)
    code = post.get("code") or (found.code if found else None) or ""
    lon, lat = _point(post, actor)
    near: dict[str, Any] = {"lon": lon, "lat": lat, "code": code, "at": at, "actor": actor}
    same = duplicates_look(text=text, **near).found if text or lon is not None else []
    again = repeat_suggest(**near, address_text=post.get("address_text", "")) if code else []
    context = {
        "found": found,
        "code": code,
        "kind": incident_type(code) if code else None,
        "choices": _types(found),
        "danger": _danger(found),
        "tags": _tags(found),
        "priority_why": rule_words(_rule(found.priority_rule_id, found), incident_type(code)) if found else "",
        "track_why": rule_words(_rule(found.track_rule_id, found), incident_type(code)) if found else "",
        "track_word": dict(Incident._meta.get_field("track").flatchoices).get(found.track) if found else "",
        "same": [(each, incident_type(each.code), likeness_words(each.reasons)) for each in same]
        + _linked_too(actor, post.get("link_to", ""), {each.incident_id for each in same}),
        "again": [(each, incident_type(each.code)) for each in again],
        "link_to": post.get("link_to", ""),
        "repeat_of": post.get("repeat_of", ""),
    }
    return render(request, "console/parts/suggest.html", context)


def _linked_too(actor: Actor, link_to: str, shown: set[int]) -> list[tuple[Any, Any, str]]:
    """The matter that was linked, where newer likenesses have pushed it off the list: a choice never goes unseen."""
    linked = whole(link_to)
    if linked is None or linked in shown:
        return []
    rows = Incident.objects.visible_to(actor).filter(pk=linked).only("number", "code", "priority", "received_at")
    return [
        (
            {"incident_id": row.pk, "number": row.number, "priority": row.priority, "received_at": row.received_at},
            incident_type(row.code),
            "",
        )
        for row in rows
    ]


def _suggested(text: str) -> Any:
    """What the words suggest; nothing when the engine fails, because the call goes on all the same."""
    try:
        return suggest(text[:ANALYSED_CHARS]) if text else None
    except Exception:
        log.exception("the words could not be read; the form goes on without a suggestion")
        return None


def _types(found: Any) -> list[dict[str, Any]]:
    if found is None:
        return []
    return [
        {"kind": incident_type(each.code), "score": each.score, "words": _words(each.evidence)}
        for each in found.codes[:TYPES_OFFERED]
    ]


def _danger(found: Any) -> list[dict[str, Any]]:
    if found is None:
        return []
    return [
        {"flag": each.flag, "word": danger_words([each.flag])[0], "words": _words(each.evidence)}
        for each in found.flags
    ]


def _tags(found: Any) -> list[tuple[Any, str]]:
    """Tags with the words that led to them; what is not known is not shown."""
    tags = [tag for tag in found.tags if tag.value != "unknown"] if found else []
    return [(tag_value(tag.dimension, tag.value), _words(tag.evidence)) for tag in tags]


def _rule(rule: str, found: Any) -> str:
    """The rule with the danger that fired it, where danger decided."""
    return f"{rule}:{found.flags[0].flag}" if rule == "danger" and found.flags else rule


def _words(evidence: Any) -> str:
    """The words that led there, each once, in the order of the text."""
    return " ".join(dict.fromkeys(each.words for each in sorted(evidence, key=lambda e: e.start)))


def _point(post: Mapping[str, str], actor: Actor) -> tuple[float | None, float | None]:
    place = whole(post.get("place_id", ""))
    if place is not None:
        row = Place.objects.filter(pk=place).values_list("lon", "lat").first()
        if row is not None:
            return row
    call = whole(post.get("call_id", ""))
    if call is not None:
        # Until a place is chosen, others near the telephone's rough position may speak of the same event.
        row = Call.objects.visible_to(actor).filter(pk=call, lon__isnull=False).values_list("lon", "lat").first()
        if row is not None:
            return row
    return None, None


@screen("console.call")
def places_part(request: HttpRequest) -> HttpResponse:
    """Places the words may mean, best first; the taker decides."""
    text = request.GET.get("address_text", "").strip()
    found = address_search(text, limit=8) if text else []
    return render(request, "console/parts/places.html", {"found": found, "text": text})
