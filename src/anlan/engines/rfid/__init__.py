"""What a door with readers saw: tag numbers, sightings and their journal, independent of any maker's shape."""

from anlan.engines.rfid.epc import Epc, EpcProblem, epc_decode, giai_encode, gsrn_encode
from anlan.engines.rfid.journal import CONTENT_CHARS, BadLine, journal_events, journal_line, journal_read
from anlan.engines.rfid.sighting import Badge, Beam, Event, Sighting, event_sound

__all__ = [
    "CONTENT_CHARS",
    "BadLine",
    "Badge",
    "Beam",
    "Epc",
    "EpcProblem",
    "Event",
    "Sighting",
    "epc_decode",
    "event_sound",
    "giai_encode",
    "gsrn_encode",
    "journal_events",
    "journal_line",
    "journal_read",
]
