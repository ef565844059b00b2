"""What can happen here."""

PLATFORM_TOLD_US = "integrations.platform_told_us"
PLATFORM_GAVE_UP = "integrations.platform_gave_up"
PLATFORM_REPLAYED = "integrations.platform_replayed"
