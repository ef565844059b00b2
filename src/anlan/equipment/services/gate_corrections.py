"""Whoever stands at the door says that it was otherwise: "I didn't take that", "I have one more".

What the door said stays on record; a loan that was none is reversed and declared wrong in EPCIS.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from anlan.accounts.models import Person
from anlan.core.actor import Actor
from anlan.core.permissions import permitted, require
from anlan.equipment import events
from anlan.equipment.errors import NoDoorLoan, TooLateToCorrect
from anlan.equipment.models import Item, Loan, Passage
from anlan.equipment.rules import ITEM, LOAN
from anlan.equipment.services.gate import door_lend
from anlan.equipment.services.register import of_item

OWN_WORD_FOR = timedelta(minutes=10)
"""So long the taker's own word is enough; later a keeper looks whether the thing lies in the store."""


@transaction.atomic
def door_loan_deny(*, loan: Loan, by: Actor, at: datetime) -> Loan:
    """The thing never left: said by a keeper, or by whoever is said to have it, just after the passage.

    Raises ``NoDoorLoan`` for one made at the counter or over already, ``TooLateToCorrect`` for the taker's late word.
    """
    is_own = by.kind == "person" and by.id == loan.holder_id
    is_keeper = permitted(by, "equipment.keep")
    require(by, "equipment.own" if is_own and not is_keeper else "equipment.keep")
    if loan.passage_out_id is None or loan.state != "out":
        raise NoDoorLoan(item=str(loan.item), state=LOAN.labels[loan.state], since=loan.state_since)
    if not is_keeper and at - loan.made_at > OWN_WORD_FOR:
        minutes = int(OWN_WORD_FOR.total_seconds() // 60)
        raise TooLateToCorrect(item=str(loan.item), since=loan.made_at, minutes=minutes)
    LOAN.move(loan, "reversed", at=at, subject=str(loan.item), ended_at=at)
    ITEM.move(loan.item, "in_store", at=at, subject=str(loan.item))
    of_item(events.LOAN_REVERSED, loan.item, by=by, at=at, subject=loan, is_own_word=is_own)
    return loan


@transaction.atomic
def door_loan_add(*, passage: Passage, item: Item, holder: Person, by: Actor, at: datetime) -> Loan:
    """One more was carried out than the door heard: lent as if it had been heard, without a chance to tell.

    Controlled things are refused here as at the door itself (``DoorMayNotClose``).
    """
    require(by, "equipment.keep")
    return door_lend(passage, item, holder, by=by, at=at)
