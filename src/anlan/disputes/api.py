"""JSON doors of dispute files."""

from __future__ import annotations

from ninja import Router

from anlan.disputes.api_mediation import router as mediation_router

router = Router(tags=["disputes"])
router.add_router("", mediation_router)
