"""What can happen here. A checkpoint is no event: it would be a new row to be sealed by the next one, for ever."""

KEY_ROTATED = "ledger.key_rotated"
