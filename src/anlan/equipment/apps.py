from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EquipmentConfig(AppConfig):
    name = "anlan.equipment"
    label = "equipment"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from anlan.core.context import navigation_add
        from anlan.equipment import sentences  # noqa: F401

        navigation_add(_("Equipment"), "equipment:day", "equipment.view", order=72)
