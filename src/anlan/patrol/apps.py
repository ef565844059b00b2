from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PatrolConfig(AppConfig):
    name = "anlan.patrol"
    label = "patrol"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from anlan.core.context import navigation_add
        from anlan.patrol import sentences  # noqa: F401
        from anlan.patrol.trials import messages  # noqa: F401
        from anlan.patrol.trials import sentences as told  # noqa: F401

        navigation_add(_("Patrol"), "patrol:plans", "patrol.view", order=68)
        navigation_add(_("Trials"), "patrol:trials", "patrol.trial", order=70)
        navigation_add(_("My patrol"), "patrol:mine", "patrol.drive", order=61)
