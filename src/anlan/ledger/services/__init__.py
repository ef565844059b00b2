"""Changes in this room: rows are written down, sealed, handed to the witness; the key is changed."""

from anlan.ledger.services.sealing import checkpoint_sign, key_rotate, ledger_begin, rows_append
from anlan.ledger.services.witnessing import checkpoint_hand_over

__all__ = ["checkpoint_hand_over", "checkpoint_sign", "key_rotate", "ledger_begin", "rows_append"]
