"""Refusals of this room."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from anlan.core.errors import DomainError


class TypeUnknown(DomainError):
    code = "incident_type_unknown"
    status = 422
    message = _(
        "There is no incident type {wanted} in edition {edition} of the list. "
        "Choose one from the list, or 9901 (other)."
    )


class TagUnknown(DomainError):
    code = "tag_unknown"
    status = 422
    message = _("Dimension {dimension} has no value “{value}”. Choose one of: {choices}.")


class EditionUnreadable(DomainError):
    code = "edition_unreadable"
    status = 422
    message = _(
        "The list {file} can't be used: {reason}. The list in force stays as it is; correct the file and load again."
    )


class EditionChanged(DomainError):
    code = "edition_changed"
    message = _(
        "Edition {edition} has been in force since {since:%Y-%m-%d %H:%M} with other contents. "
        "Give the changed list a new edition number, so that old figures keep their meaning."
    )
