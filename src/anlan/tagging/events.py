"""What can happen here."""

TAXONOMY_LOADED = "tagging.taxonomy_loaded"
EXTERNAL_CODE_MAPPED = "tagging.external_code_mapped"
