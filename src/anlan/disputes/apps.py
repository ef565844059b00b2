from django.apps import AppConfig


class DisputesConfig(AppConfig):
    name = "anlan.disputes"
    label = "disputes"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from anlan.disputes import (  # noqa: F401
            mediation_messages,
            mediation_sentences,
            messages,
            revisit_sentences,
            sentences,
        )
        from anlan.disputes.asking import register

        register()
