"""All addresses of the site."""

from __future__ import annotations

from django.urls import path

from anlan.api.root import api

urlpatterns = [
    path("api/", api.urls),
]
