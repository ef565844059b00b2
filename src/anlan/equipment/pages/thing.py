"""What the register says of one thing: corrected, tagged, put into a kit, with photos and documents."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from anlan.core.errors import BadInput
from anlan.core.pages import page_actor
from anlan.equipment import selectors, services
from anlan.equipment.pages.enter import day_or_none
from anlan.equipment.pages.forms import command, number_posted
from anlan.equipment.register_rules import PAPER_MAX_BYTES
from anlan.equipment.selectors_register import paper_for, tag_of
from anlan.equipment.selectors_sharing import store_for


def _back(number: str, part: str) -> HttpResponseRedirect:
    return HttpResponseRedirect(f"{reverse('equipment:item', args=[number])}#{part}")


@require_POST
def correct(request: HttpRequest, number: str) -> HttpResponse:
    """Owner, place, serial number, day and price put right."""

    def act(actor: Any, at: Any) -> dict[str, str]:
        item, post = selectors.item_for(actor, number), request.POST
        # One's own store is chosen by its code; another's stays where nothing else is said.
        owner, place = (
            now if post.get(field, "") in ("", now.code) else store_for(actor, post[field])
            for field, now in (("owner", item.owner), ("place", item.place))
        )
        services.item_correct(
            item=item, owner=owner, place=place, serial=post.get("serial", item.serial),
            bought_on=day_or_none(request, "bought_on") if "bought_on" in post else item.bought_on,
            price_yuan=number_posted(request, "price_yuan") if "price_yuan" in post else item.price_yuan,
            by=actor, at=at,
        )  # fmt: skip
        return {"number": item.number}

    command(request, "equipment.register", act)
    return _back(number, "entered")


@require_POST
def tag(request: HttpRequest, number: str) -> HttpResponse:
    """A tag is stuck on the thing."""

    def act(actor: Any, at: Any) -> dict[str, int]:
        item = selectors.item_for(actor, number)
        epc, tid = (request.POST.get(field, "").strip() for field in ("epc", "tid"))
        return {"tag": services.tag_stick(item=item, epc=epc, tid=tid, by=actor, at=at).pk}

    command(request, "equipment.register", act)
    return _back(number, "entered")


@require_POST
def tag_off(request: HttpRequest, number: str, tag_id: int) -> HttpResponse:
    """A tag is taken off."""

    def act(actor: Any, at: Any) -> dict[str, int]:
        item = selectors.item_for(actor, number)
        return {"tag": services.tag_off(tag=tag_of(item, tag_id), by=actor, at=at).pk}

    command(request, "equipment.register", act)
    return _back(number, "entered")


@require_POST
def part(request: HttpRequest, number: str) -> HttpResponse:
    """Another thing becomes a part of this one, or is one no more."""

    def act(actor: Any, at: Any) -> dict[str, int]:
        kit = selectors.item_for(actor, number)
        item = selectors.item_for(actor, request.POST.get("part", "").strip()[:40])
        if request.POST.get("do") != "out":
            return {"item": services.part_put(kit=kit, item=item, by=actor, at=at).pk}
        if item.kit_id != kit.pk:
            raise BadInput(field="part", problem=item.number)
        return {"item": services.part_take_out(item=item, by=actor, at=at).pk}

    command(request, "equipment.register", act)
    return _back(number, "parts")


@require_POST
def paper(request: HttpRequest, number: str) -> HttpResponse:
    """A photo or document is put to the thing."""
    actor = page_actor(request, "equipment.register")
    item = selectors.item_for(actor, number)
    sent = request.FILES.get("file")
    if sent is None or sent.name is None:
        raise BadInput(field="file", problem="–")
    # One byte more than is taken tells a file that is too large; it is drawn anew outside the transaction.
    content = services.paper_prepare(name=sent.name.replace("\0", ""), raw=sent.read(PAPER_MAX_BYTES + 1))

    def act(by: Any, at: Any) -> dict[str, int]:
        return {"paper": services.paper_add(item=item, content=content, by=by, at=at).pk}

    command(request, "equipment.register", act)
    return _back(number, "papers")


def paper_content(request: HttpRequest, paper_id: int) -> HttpResponse:
    """A photo to look at, a document to keep: whatever the bytes were to be taken for, they may do nothing."""
    actor = page_actor(request, "equipment.view")
    row = paper_for(actor, paper_id)
    shown = "inline" if row.kind == "photo" else f'attachment; filename="{row.item_id}-{row.pk}.pdf"'
    with services.paper_show(paper=row, by=actor) as content:
        answer = HttpResponse(content.read(), content_type=row.media_type)
    answer.headers["Content-Disposition"] = shown
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer


@require_POST
def paper_off(request: HttpRequest, paper_id: int) -> HttpResponse:
    """A photo or document is taken off."""

    def act(actor: Any, at: Any) -> dict[str, str]:
        row = services.paper_remove(paper=paper_for(actor, paper_id), by=actor, at=at)
        return {"number": row.item.number}

    done = command(request, "equipment.register", act)
    return _back(done["number"], "papers")


urlpatterns = [
    path("equipment/items/<str:number>/correct", correct, name="correct"),
    path("equipment/items/<str:number>/tags", tag, name="tag"),
    path("equipment/items/<str:number>/tags/<int:tag_id>/off", tag_off, name="tag_off"),
    path("equipment/items/<str:number>/parts", part, name="part"),
    path("equipment/items/<str:number>/papers", paper, name="paper"),
    path("equipment/papers/<int:paper_id>", paper_content, name="paper_content"),
    path("equipment/papers/<int:paper_id>/off", paper_off, name="paper_off"),
]
