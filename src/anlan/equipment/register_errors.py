"""Refusals of the register: kits, papers, stores counted by the piece."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from anlan.core.errors import BadInput, DomainError


class BoughtInFuture(BadInput):
    code = "equipment_bought_in_future"
    message = _("{item} would have been bought on {day:%Y-%m-%d}, which is to come. Correct the day of purchase.")


class KindTaken(BadInput):
    code = "equipment_kind_taken"
    message = _("There is a kind with the code {kind} already: {name}. Give this one another code, or use that one.")


class TagOff(DomainError):
    code = "equipment_tag_off"
    message = _("The tag {epc} was taken off at {since:%Y-%m-%d %H:%M} already. Look again.")


class BadgeOff(DomainError):
    code = "equipment_badge_off"
    message = _("The badge {badge} was taken back at {since:%Y-%m-%d %H:%M} already. Look again.")


class NoKit(BadInput):
    code = "equipment_no_kit"
    message = _("{item} can't be a part of {kit}: a kit is no part itself, and parts have no parts. Choose another.")


class PartOfAnother(BadInput):
    code = "equipment_part_of_another"
    message = _("{item} is a part of {kit}. Take it out there first.")


class KitNotWhole(DomainError):
    code = "equipment_kit_not_whole"
    message = _(
        "{kit} is not whole, {count} parts are not in the store ready for use: {parts}. "
        "Find what is missing or take it out of the kit, then lend it."
    )


class PaperTooLarge(DomainError):
    code = "equipment_paper_too_large"
    status = 413
    message = _("{name} has {size}; the limit is {limit}. Send a smaller one.")


class PaperUnreadable(DomainError):
    code = "equipment_paper_unreadable"
    status = 415
    message = _(
        "{name} can't be read as a picture ({kinds}) or PDF from beginning to end, so it was not kept. "
        "Save it anew and send it again."
    )


class PapersFull(DomainError):
    code = "equipment_papers_full"
    message = _(
        "{item} has {count} photos and documents already, the last since {since:%Y-%m-%d %H:%M}. Take one off first."
    )


class PaperKnown(BadInput):
    code = "equipment_paper_known"
    message = _("{item} has this very file already: {name}, since {since:%Y-%m-%d %H:%M}.")


class StockTooLow(DomainError):
    code = "equipment_stock_too_low"
    message = _("{place} has {count} of {kind}, so {wanted} can't go out. Hand out fewer, or count the store first.")
