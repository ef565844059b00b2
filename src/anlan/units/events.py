"""What can happen here."""

UNIT_ADDED = "units.unit_added"
UNIT_CLAIMED = "units.unit_claimed"
STATUS_CHANGED = "units.status_changed"
CAPABILITIES_SET = "units.capabilities_set"
CREW_JOINED = "units.crew_joined"
CREW_LEFT = "units.crew_left"
SHIFT_SET = "units.shift_set"
