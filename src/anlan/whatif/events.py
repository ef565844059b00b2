"""What can happen here."""

QUESTION_ASKED = "whatif.question_asked"
QUESTION_BEGUN = "whatif.question_begun"
QUESTION_LEFT = "whatif.question_left"
QUESTION_ANSWERED = "whatif.question_answered"
QUESTION_REFUSED = "whatif.question_refused"
QUESTION_DROPPED = "whatif.question_dropped"
