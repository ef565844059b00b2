"""Small parts of pages, made once."""

from __future__ import annotations

from django import template

register = template.Library()
