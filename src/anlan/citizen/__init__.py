"""Citizens: where a matter stands, taking it back, objecting, and saying how it went."""
