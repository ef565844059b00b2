"""Why a matter gets this unit when all are served together, in words."""

from __future__ import annotations

from django.utils.translation import gettext as _

from anlan.dispatch.recommending import RankedUnit, minutes


def why_words(choice: RankedUnit | None, alone: RankedUnit | None, other: str) -> str:
    """The choice against what serving one after the other would send; ``other`` gets that unit instead."""
    if choice is None and alone is None:
        return _("Nobody free can do this; below the matter itself it says who is busy with what.")
    if choice is None:
        assert alone is not None
        return _("Waits: {unit} is needed more at {other}.").format(unit=alone.unit.call_sign, other=other or "–")
    if alone is None:
        return _("One by one nobody would be left for it.")
    if choice.unit.id == alone.unit.id:
        return _("The same as one by one.")
    later_s = round(choice.eta_p90_s or 0.0) - round(alone.eta_p90_s or 0.0)
    facts = {
        "unit": alone.unit.call_sign,
        "other": other,
        "seconds": minutes(abs(later_s)),
        "rank": choice.rank,
    }
    if later_s == 0:
        return _("As soon there as {unit}, which one by one would be left for it.").format(**facts)
    if later_s > 0 and other:
        return _("{seconds} later than {unit}, which does more good at {other}.").format(**facts)
    if later_s > 0:
        return _("{seconds} later than {unit}, which keeps more cover where it is.").format(**facts)
    return _("{seconds} sooner than {unit}, which one by one would be left for it.").format(**facts)
