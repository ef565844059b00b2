"""The door of a town platform alone."""

from django.urls import include, path

urlpatterns = [path("", include("anlan.integrations.town_platform.pages"))]
