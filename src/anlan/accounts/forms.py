"""What people type to come in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import authenticate
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from anlan.accounts.models import Person


class SignInForm(forms.Form):
    """User name and password; one sentence for every way they can be wrong."""

    username = forms.CharField(
        label=_("user name"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autofocus": True, "autocapitalize": "none"}),
    )
    password = forms.CharField(
        label=_("password"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        self.request = request
        self.person: Person | None = None
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.errors:
            return data
        person = authenticate(self.request, username=data["username"], password=data["password"])
        if person is None:
            raise forms.ValidationError(
                _(
                    "User name and password don't match an active account. Check capital letters, "
                    "or ask the administrator of your organisation to set a new password."
                )
            )
        assert isinstance(person, Person)
        self.person = person
        return data
