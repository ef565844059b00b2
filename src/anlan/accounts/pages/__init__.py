"""Coming in, going out, what one proves oneself by, and how the screens look."""

from __future__ import annotations

from django.urls import path

from anlan.accounts.pages.account import account, here, new_password
from anlan.accounts.pages.guarding import beyond, beyond_back, beyond_break, beyond_review, people, people_out
from anlan.accounts.pages.second_factor import code, second_factor
from anlan.accounts.pages.sign_in import language, sign_in, sign_in_demo, sign_out, theme
from anlan.accounts.pages.single_sign_on import service_back, service_begin, service_gone, service_leave

app_name = "accounts"
urlpatterns = [
    path("sign-in", sign_in, name="sign_in"),
    path("sign-in/demo", sign_in_demo, name="sign_in_demo"),
    path("sign-in/code", code, name="code"),
    path("sign-in/password", new_password, name="new_password"),
    path("sign-in/service", service_begin, name="service_begin"),
    path("sign-in/service/back", service_back, name="service_back"),
    path("sign-in/service/gone", service_gone, name="service_gone"),
    path("sign-out/service", service_leave, name="service_leave"),
    path("account", account, name="account"),
    path("here", here, name="here"),
    path("people", people, name="people"),
    path("people/<int:person>/out", people_out, name="people_out"),
    path("beyond", beyond, name="beyond"),
    path("beyond/break", beyond_break, name="beyond_break"),
    path("beyond/<int:glass>/back", beyond_back, name="beyond_back"),
    path("beyond/<int:glass>/review", beyond_review, name="beyond_review"),
    path("second-factor", second_factor, name="second_factor"),
    path("sign-out", sign_out, name="sign_out"),
    path("language", language, name="language"),
    path("theme", theme, name="theme"),
]
