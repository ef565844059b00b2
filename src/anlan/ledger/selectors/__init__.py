"""Reading the ledger: rows as they are sealed, the state, proofs, the export and the check."""

from anlan.ledger.selectors.checking import Finding, ledger_check
from anlan.ledger.selectors.export import export_lines, proof_of_incident
from anlan.ledger.selectors.state import LedgerState, checkpoints_last, keys_known, ledger_state, witness_line

__all__ = [
    "Finding",
    "LedgerState",
    "checkpoints_last",
    "export_lines",
    "keys_known",
    "ledger_check",
    "ledger_state",
    "proof_of_incident",
    "witness_line",
]
