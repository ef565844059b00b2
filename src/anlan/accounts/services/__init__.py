"""Changes to the tree, the people, their rights, and what they prove themselves by."""

from anlan.accounts.services.factors import (
    factor_begin,
    factor_demand,
    factor_demand_end,
    factor_remove,
    factor_set,
    factor_take,
    recovery_codes_make,
)
from anlan.accounts.services.glass import glass_break, glass_give_back, glass_review, glass_words_erase
from anlan.accounts.services.passwords import password_change, password_reset
from anlan.accounts.services.people import (
    organisation_add,
    person_add,
    person_deactivate,
    role_end,
    role_grant,
    sign_in_fail,
    sign_in_record,
)
from anlan.accounts.services.service_identities import identity_take, identity_untie
from anlan.accounts.services.sessions import session_note, sessions_end, sessions_end_by_service
from anlan.accounts.services.tokens import token_issue, token_renew, token_revoke, token_used, token_warned

__all__ = [
    "factor_begin",
    "factor_demand",
    "factor_demand_end",
    "factor_remove",
    "factor_set",
    "factor_take",
    "glass_break",
    "glass_give_back",
    "glass_review",
    "glass_words_erase",
    "identity_take",
    "identity_untie",
    "organisation_add",
    "password_change",
    "password_reset",
    "person_add",
    "person_deactivate",
    "recovery_codes_make",
    "role_end",
    "role_grant",
    "session_note",
    "sessions_end",
    "sessions_end_by_service",
    "sign_in_fail",
    "sign_in_record",
    "token_issue",
    "token_renew",
    "token_revoke",
    "token_used",
    "token_warned",
]
