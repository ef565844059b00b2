"""The site's addresses with this room's among them."""

from django.urls import include, path
from ninja import NinjaAPI

from anlan.config.urls import urlpatterns as site
from anlan.core.errors import DomainError
from anlan.reports.api import router

api = NinjaAPI(title="reports alone", urls_namespace="reports-alone")
api.add_router("", router)


@api.exception_handler(DomainError)
def refused(request, refusal):
    return api.create_response(request, refusal.as_json(), status=refusal.status)


urlpatterns = [path("alone/", api.urls), path("", include("anlan.reports.pages")), *site]
