"""What can happen here."""

AREA_ADDED = "places.area_added"
AREA_ENDED = "places.area_ended"
NETWORK_ACTIVATED = "places.network_activated"
GAZETTEER_IMPORTED = "places.gazetteer_imported"
NOTE_ADDED = "places.note_added"
NOTE_WITHDRAWN = "places.note_withdrawn"
BASEMAP_ACTIVATED = "places.basemap_activated"
