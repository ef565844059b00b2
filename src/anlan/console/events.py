"""What can happen here."""

REPLAY_OPENED = "console.replay_opened"
