"""Refusals of this room."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from anlan.core.errors import DomainError


class NoteTooLong(DomainError):
    code = "note_expiry_too_far"
    status = 422
    message = _(
        "A note about this place may stand until {latest:%Y-%m-%d} at the latest; {wanted:%Y-%m-%d} was asked. "
        "Choose an earlier day; the note can be renewed after a check on site."
    )


class NoteOver(DomainError):
    code = "note_expiry_past"
    status = 422
    message = _(
        "A note that ends on {wanted:%Y-%m-%d %H:%M} is over before it stands. "
        "Choose a later end; {latest:%Y-%m-%d} is the latest for this place."
    )


class NoteAboutPeople(DomainError):
    code = "note_about_people"
    status = 422
    message = _(
        "A note tells of the place, never of who lives there; “{word}” speaks of people. "
        "Say what is dangerous about the place itself, or leave the text empty."
    )


class RoadFileRefused(DomainError):
    code = "road_file_refused"
    status = 422
    message = _(
        "The road file {file} can't be used: {reason}. The network in use stays as it is; get the file again "
        "and repeat the import."
    )


class RoadConditionOver(DomainError):
    code = "road_condition_over"
    status = 409
    message = _(
        "This closure or slow-down has been over since {since:%Y-%m-%d %H:%M}; nothing was changed. "
        "Set a new one if the road is closed again."
    )


class NoRoadNear(DomainError):
    code = "no_road_near"
    status = 422
    message = _(
        "No road lies within {metres:.0f} m of this point; the nearest is {nearest:.0f} m away. "
        "Put the point on the road that is meant, or give a larger circle."
    )


class AreaFileRefused(DomainError):
    code = "area_file_refused"
    status = 422
    message = _("The area file {file} can't be used: {reason}. Nothing was changed; correct it and import again.")


class PointOver(DomainError):
    code = "point_over"
    status = 409
    message = _(
        "{point} has been out of force since {since:%Y-%m-%d %H:%M}; nothing was changed. "
        "Set it again to bring it back."
    )


class TilesRefused(DomainError):
    code = "tiles_refused"
    status = 422
    message = _("The map tiles {file} can't be used: {reason}. The map in use stays as it is.")


class NoBasemap(DomainError):
    code = "no_basemap"
    status = 404
    message = _(
        "No map has been drawn yet. “anlan import roads FILE” draws one with the roads; “anlan places tiles” draws "
        "it anew. Until then the lists show everything the map would."
    )


class BasemapFileGone(DomainError):
    code = "basemap_file_gone"
    status = 503
    message = _(
        "The file of the map “{name}” is missing or damaged. “anlan places tiles” draws it anew; until then the "
        "lists show everything the map would."
    )


class PlaceUnsure(DomainError):
    """Words that may mean several places, or none; whoever closes a road says which."""

    code = "place_unsure"
    status = 422
    message = _(
        "“{text}” is no place known for sure; nearest to it: {found}. Nothing was closed on a guess. "
        "Write one of these in full, name a house number, or give longitude and latitude."
    )


class PlaceTooLong(DomainError):
    """A whole road, where one stretch of it is meant."""

    code = "place_too_long"
    status = 422
    message = _(
        "{found} is a long road, and only one stretch of it would be meant: nothing was closed. "
        "Name a crossing or a house number on it, or give longitude and latitude."
    )
