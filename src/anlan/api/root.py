"""The JSON root: one sign-in, one error shape, OpenAPI 3 over the rooms' routers."""

from __future__ import annotations

from ninja import NinjaAPI

api = NinjaAPI(title="Anlan", version="1", docs_url=None, urls_namespace="api")
