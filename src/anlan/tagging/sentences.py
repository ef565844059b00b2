"""How a timeline tells what happened here."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from anlan.core.sentences import sentence_register
from anlan.tagging import events

sentence_register(
    events.TAXONOMY_LOADED, _("Edition {edition} of the incident types came into force ({types} types).")
)
sentence_register(events.EXTERNAL_CODE_MAPPED, _("Code {code} of {system} now means {maps_to}."))
