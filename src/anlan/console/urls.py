"""Addresses of the console's pages."""

from __future__ import annotations

from django.urls import path

from anlan.console.pages import boards, calls, deeds, figures, incident_view, island, phone, places, queue, ringing

app_name = "console"
urlpatterns = [
    path("", queue.home, name="home"),
    path("console", queue.queue, name="queue"),
    path("console/rows", queue.queue_part, name="queue_part"),
    path("console/map", island.island, name="island"),
    path("console/map/data", island.data, name="island_data"),
    path("console/map/areas", island.areas, name="island_areas"),
    path("console/map/figures", island.figures, name="island_figures"),
    path("console/map/reach", island.reach, name="island_reach"),
    path("console/map/call", island.call_save, name="island_call_save"),
    path("console/calls/new", calls.call_new, name="call_new"),
    path("console/calls/save", calls.call_save, name="call_save"),
    path("console/calls/suggest", calls.suggest_part, name="call_suggest"),
    path("console/calls/places", calls.places_part, name="places"),
    path("console/ringing", ringing.ringing_part, name="ringing"),
    path("console/ringing/answer", ringing.answer_next, name="answer_next"),
    path("console/calls/<str:number>", calls.call_edit, name="call_edit"),
    path("console/calls/<str:number>/answer", deeds.call_answer, name="call_answer"),
    path("console/calls/<str:number>/reopen", deeds.call_reopen, name="call_reopen"),
    path("console/call-backs/<int:call_back_id>", deeds.call_back_do, name="call_back"),
    path("console/calls/<str:number>/reporter", deeds.reporter, name="reporter"),
    path("console/incidents/<str:number>", incident_view.incident, name="incident"),
    path("console/incidents/<str:number>/units", incident_view.units_part, name="incident_units"),
    path("console/incidents/<str:number>/replace", incident_view.replace_part, name="incident_replace"),
    path("console/incidents/<str:number>/notes", incident_view.notes_part, name="incident_notes"),
    path("console/incidents/<str:number>/likely", incident_view.likely_part, name="incident_likely"),
    path("console/incidents/<str:number>/do/<slug:deed>", deeds.incident_do, name="incident_do"),
    path("console/orders/<int:order_id>/<slug:deed>", deeds.order_do, name="order_do"),
    path("console/revisits/<int:revisit_id>", deeds.revisit_do, name="revisit"),
    path("console/units", boards.units, name="units"),
    path("console/places/<int:place_id>", places.place, name="place"),
    path("console/town", boards.town, name="town"),
    path("console/partner", boards.partner, name="partner"),
    path("console/transfers/<int:transfer_id>/<slug:deed>", deeds.transfer_do, name="transfer_do"),
    path("console/station", boards.station, name="station"),
    path("console/figures", figures.kpi, name="kpi"),
    path("console/figures/trends", figures.trends_part, name="kpi_trends"),
    path("console/figures/<str:key>", figures.records, name="kpi_records"),
    path("console/find", queue.find_part, name="find"),
    path("console/pulse", queue.pulse, name="pulse"),
    path("unit", phone.phone, name="phone"),
    path("unit/do/<slug:deed>", phone.unit_do, name="unit_do"),
]
