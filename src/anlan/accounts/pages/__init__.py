"""Coming in, going out, what one proves oneself by, and how the screens look."""

from __future__ import annotations

from django.urls import path

from anlan.accounts.pages.second_factor import code, second_factor
from anlan.accounts.pages.sign_in import language, sign_in, sign_in_demo, sign_out, theme

app_name = "accounts"
urlpatterns = [
    path("sign-in", sign_in, name="sign_in"),
    path("sign-in/demo", sign_in_demo, name="sign_in_demo"),
    path("sign-in/code", code, name="code"),
    path("second-factor", second_factor, name="second_factor"),
    path("sign-out", sign_out, name="sign_out"),
    path("language", language, name="language"),
    path("theme", theme, name="theme"),
]
