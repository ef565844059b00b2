from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WhatIfConfig(AppConfig):
    name = "anlan.whatif"
    label = "whatif"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from anlan.core.context import navigation_add
        from anlan.whatif import sentences  # noqa: F401

        navigation_add(_("What if"), "whatif:questions", "whatif.view", order=69)
