"""Notices: a sentence that must reach somebody, until somebody has answered for it."""
