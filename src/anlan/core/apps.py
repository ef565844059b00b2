from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "anlan.core"
    label = "core"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from anlan.core import checks  # noqa: F401
        from anlan.core.reach import reach_install

        reach_install()
