"""Changes of this room."""

from anlan.citizen.services.codes import code_send, codes_go_out
from anlan.citizen.services.guesses import guess_failed
from anlan.citizen.services.ratings import parties_ask, rating_ask, rating_give, ratings_carry
from anlan.citizen.services.requests import request_answer, request_make
from anlan.citizen.services.retention import words_erase

__all__ = [
    "code_send",
    "codes_go_out",
    "guess_failed",
    "parties_ask",
    "rating_ask",
    "rating_give",
    "ratings_carry",
    "request_answer",
    "request_make",
    "words_erase",
]
