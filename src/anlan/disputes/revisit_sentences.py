"""How a timeline tells what happened at a revisit. What a party said is not told there."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from anlan.core.sentences import sentence_register
from anlan.disputes import events
from anlan.disputes.revisit_rules import CALL_OUTCOMES, DROPPED, FINDINGS, REVISIT_DRAWS, SIDES

_WORDS = {
    "rule": REVISIT_DRAWS,
    "why": DROPPED,
    "side": SIDES,
    "outcome": CALL_OUTCOMES,
    "finding": FINDINGS,
}

sentence_register(events.REVISIT_DRAWN, _("Both parties are asked how it stands by {due_at} ({rule})."), words=_WORDS)
sentence_register(events.REVISIT_ASSIGNED, _("Somebody who had no part in it asks the parties by {due_at}."))
sentence_register(events.REVISIT_GIVEN_BACK, _("The revisit was given back; somebody else asks."))
sentence_register(events.REVISIT_CALLED, _("Revisit, {side}, try {seq}: {outcome}."), words=_WORDS)
sentence_register(events.REVISIT_DONE, _("The parties were asked. As they see it: {finding}."), words=_WORDS)
sentence_register(events.REVISIT_UNREACHED, _("None of the parties could be reached for the revisit."))
sentence_register(events.REVISIT_DROPPED, _("The parties are not asked any more: {why}."), words=_WORDS)
sentence_register(events.FILE_REVISITED, _("Revisited: {finding}."), words=_WORDS)
sentence_register(events.FILE_RATED, _("Rated by the parties, of 5: party A {rating_a}, party B {rating_b}."))
