"""Evidence that nothing was changed afterwards: a hash tree, its proofs, and signed checkpoints.

Sources: RFC 6962 (tree and proofs) with the verification steps of RFC 9162, RFC 8032 (Ed25519), C2SP
``tlog-checkpoint`` and ``signed-note`` (form of a checkpoint), GB/T 32905-2016 (SM3, through OpenSSL).
"""

from anlan.engines.ledger.checkpoints import Checkpoint, Key, digits, digits_written_well
from anlan.engines.ledger.leaves import leaf_bytes
from anlan.engines.ledger.signing import public_key, sign
from anlan.engines.ledger.tree import (
    HASHES,
    SHA256,
    Frontier,
    TreeHash,
    consistency_holds,
    consistency_ranges,
    fold,
    inclusion_holds,
    inclusion_ranges,
    parts_of,
    range_hash,
)

__all__ = [
    "HASHES",
    "SHA256",
    "Checkpoint",
    "Frontier",
    "Key",
    "TreeHash",
    "consistency_holds",
    "consistency_ranges",
    "digits",
    "digits_written_well",
    "fold",
    "inclusion_holds",
    "inclusion_ranges",
    "leaf_bytes",
    "parts_of",
    "public_key",
    "range_hash",
    "sign",
]
