"""The JSON root: one sign-in, one error shape, OpenAPI 3 over the rooms' routers."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.db import DatabaseError, DataError, InterfaceError
from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from anlan.core.api import signed_in
from anlan.core.clock import now
from anlan.core.disk import store_refusal
from anlan.core.errors import BadInput, DomainError
from anlan.dispatch.api import router as dispatch_router
from anlan.disputes.api import router as disputes_router
from anlan.equipment.api import router as equipment_router
from anlan.forecasting.api import router as forecasting_router
from anlan.intake.api import router as intake_router
from anlan.notices.api import router as notices_router
from anlan.places.api import router as places_router
from anlan.reports.api import router as reports_router
from anlan.tagging.api import router as tagging_router
from anlan.units.api import router as units_router
from anlan.whatif.api import router as whatif_router


class Interface(NinjaAPI):
    """Describes itself once: that takes half a second, and nothing is added while it runs."""

    def get_openapi_schema(self, **asked: Any) -> Any:
        held = self.__dict__.setdefault("_described", {})
        key = tuple(sorted((name, str(value)) for name, value in asked.items()))
        if key not in held:
            held[key] = super().get_openapi_schema(**asked)
        return held[key]


api = Interface(title="Anlan", version="1", docs_url=None, urls_namespace="api", auth=signed_in)
for router in (
    intake_router,
    dispatch_router,
    disputes_router,
    units_router,
    equipment_router,
    notices_router,
    places_router,
    tagging_router,
    reports_router,
    forecasting_router,
    whatif_router,
):
    api.add_router("", router)


@api.exception_handler(DomainError)
def refused(request: HttpRequest, refusal: DomainError) -> HttpResponse:
    """Every refusal in the one shape."""
    return api.create_response(request, refusal.as_json(), status=refusal.status)


@api.exception_handler(DatabaseError)
@api.exception_handler(InterfaceError)
def no_room(request: HttpRequest, problem: DatabaseError | InterfaceError) -> HttpResponse:
    """A full disk and a store that fails are told as such; what is our own fault is not glossed over."""
    refusal = store_refusal(problem, at=now())
    if refusal is None:
        raise problem
    return api.create_response(request, refusal.as_json(), status=refusal.status)


@api.exception_handler(OverflowError)
@api.exception_handler(DataError)
def beyond(request: HttpRequest, problem: OverflowError | DataError) -> HttpResponse:
    """A number or a day that fits its schema and no store: SQLite and PostgreSQL say so in their own ways."""
    return api.create_response(request, BadInput(field="body", problem=str(problem)).as_json(), status=422)


@api.exception_handler(ValidationError)
def unreadable(request: HttpRequest, problem: ValidationError) -> HttpResponse:
    """A body that doesn't fit the schema, told field by field in the one shape."""
    first: dict[str, Any] = problem.errors[0] if problem.errors else {}
    place = ".".join(str(part) for part in first.get("loc", ())[1:]) or "body"
    refusal = BadInput(field=place, problem=first.get("msg", ""))
    body = refusal.as_json()
    body["facts"]["errors"] = [{"loc": list(e["loc"]), "msg": e["msg"]} for e in problem.errors]
    return api.create_response(request, body, status=422)


@api.exception_handler(HttpError)
def no_json(request: HttpRequest, problem: HttpError) -> HttpResponse:
    """A body that is no JSON at all, in the one shape."""
    refusal = BadInput(field="body", problem=problem.message)
    return api.create_response(request, refusal.as_json(), status=problem.status_code)


@api.exception_handler(RequestDataTooBig)
def too_large(request: HttpRequest, problem: RequestDataTooBig) -> HttpResponse:
    """A body longer than any that is read at all."""
    refusal = BadInput(field="body", problem=f"{request.headers.get('Content-Length', '?')} bytes")
    return api.create_response(request, refusal.as_json(), status=413)
