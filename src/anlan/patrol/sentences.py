"""How a timeline tells what happened on patrol."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from anlan.core.sentences import sentence_register
from anlan.patrol import events
from anlan.patrol.rules import MISSED

sentence_register(events.PLAN_MADE, _("A patrol was planned: {stops} stops for {units} units."))
sentence_register(events.PLAN_BETTERED, _("Better routes were found: {stops} stops."))
sentence_register(events.PLAN_SETTLED, _("The search for better routes was stopped."))
sentence_register(events.PLAN_EDITED, _("The plan was changed by hand; {faults} rules don't hold."))
sentence_register(events.PLAN_UNDONE, _("A change of the plan was undone; {faults} rules don't hold."))
sentence_register(events.PLAN_SEARCHED, _("Better routes are looked for once more."))
sentence_register(events.PLAN_APPROVED, _("The patrol plan was approved."))
sentence_register(events.PLAN_PUBLISHED, _("The patrol plan was published: {routes} routes."))
sentence_register(events.PLAN_DROPPED, _("The patrol plan was dropped."))
sentence_register(events.PLAN_ENDED, _("The patrol is over: {missed} stops were not visited."))
sentence_register(events.ROUTE_ACCEPTED, _("The crew took the route."))
sentence_register(events.ROUTE_INTERRUPTED, _("The patrol was interrupted by a call."))
sentence_register(events.ROUTE_SLID, _("{stops} stops were taken over from a unit on a call."))
sentence_register(events.ROUTE_RESUMED, _("The patrol goes on: {kept} stops still fit, {missed} do not."))
sentence_register(events.STOP_REACHED, _("Stop {position} was reached."))
sentence_register(events.STOP_DWELT, _("Stop {position} was visited."))
sentence_register(events.STOP_MISSED, _("Stop {position} was missed: {why}."), words={"why": MISSED})
sentence_register(events.STOP_EXPLAINED, _("Why stop {position} was missed: {why}."), words={"why": MISSED})
