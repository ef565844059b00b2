"""How this room's events are told."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from anlan.core.sentences import sentence_register
from anlan.ledger import events

sentence_register(events.KEY_ROTATED, _("The ledger is signed with the new key {key} from now on."))
