"""Readers spoken to in LLRP 1.1 (GS1 Low Level Reader Protocol), without a vendor's library."""
