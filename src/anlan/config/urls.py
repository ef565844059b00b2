"""All addresses of the site."""

from __future__ import annotations

from django.urls import include, path

from anlan.api.root import api

urlpatterns = [
    path("api/", api.urls),
    path("", include("anlan.accounts.pages")),
    path("basemap/", include("anlan.places.pages")),
    path("", include("anlan.console.urls")),
    path("", include("anlan.reports.pages")),
    path("", include("anlan.patrol.pages")),
    path("", include("anlan.whatif.pages")),
    path("", include("anlan.citizen.pages")),
    path("", include("anlan.integrations.imports.pages")),
    path("", include("anlan.equipment.pages")),
    path("", include("anlan.integrations.town_platform.pages")),
]

handler404 = "anlan.core.middleware.page_unknown"
handler500 = "anlan.core.middleware.page_failed"
