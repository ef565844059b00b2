"""The site's addresses as far as a citizen and the desk that answers go."""

from django.urls import include, path

urlpatterns = [path("", include("anlan.accounts.pages")), path("", include("anlan.citizen.pages"))]
