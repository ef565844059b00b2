"""A refusal is drawn as the page it stands in for."""

from __future__ import annotations

import pytest
from django.urls import reverse

pytestmark = pytest.mark.django_db(databases="__all__")


def test_what_is_refused_from_a_dark_page_is_dark_unless_somebody_chose(desk, town):
    ben, call = desk("ben"), reverse("console:call_new")
    dark, light = '<html lang="en" data-theme="dark">', '<html lang="en" data-theme="light">'
    assert dark in ben.get(call).content.decode()
    assert dark in ben.get(reverse("console:call_edit", args=["260302-99999"])).content.decode()
    assert dark in ben.post(reverse("console:call_save")).content.decode()
    reopen = reverse("console:call_reopen", args=["260302-99999"])
    assert dark in ben.post(reopen, headers={"referer": f"http://testserver{call}?a=b"}).content.decode()
    for referer in ("", "http://[", "http://testserver/console/plans", "http://testserver/nowhere"):
        assert light in ben.post(reopen, headers={"referer": referer}).content.decode()
    ben.cookies["anlan_theme"] = "light"
    assert light in ben.get(reverse("console:call_edit", args=["260302-99999"])).content.decode()
