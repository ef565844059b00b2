"""What can happen here."""

MONTH_RELEASED = "reports.month_released"
EXPORTED = "reports.exported_outside"
