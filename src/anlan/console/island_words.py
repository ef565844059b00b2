"""The live console's words and commands, in the one catalogue of the room; the page hands them to the browser."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from anlan.console.selectors.find import initials
from anlan.core.actor import Actor
from anlan.core.permissions import permitted

WORDS: dict[str, str | Promise] = {
    "units": _("Units"),
    "map": _("Map"),
    "order": _("order"),
    "more": _("{n} more not shown; the longest waiting are above."),
    "nothing_waits": _("Nothing waits to be sent."),
    "nothing_waits_how": _("A saved call appears here the same second."),
    "no_incident": _("No incident chosen."),
    "no_incident_how": _("Choose one on the left or on the map, or type / and its number."),
    "place_unknown": _("place not yet known"),
    "major": _("major"),
    "calls_waiting": _("Calls waiting"),
    "call_back": _("Call back"),
    "new_p1": _("New P1: {title}, {place}"),
    "chosen_units": _("{n} units chosen"),
    "chosen_send": _("Send {n} to {number}"),
    "chosen_ask": _("Send these {n} units to {incident}?"),
    "chosen_first": _("The first goes as lead, the others in support."),
    "chosen_none": _("No unit chosen: Space on a unit or on the map chooses it."),
    "chosen_no_incident": _("Choose an incident first."),
    "chosen_clear": _("Clear the choice"),
    "chosen_gone": _("{unit} is no longer free: {state} since {time}. It stays chosen until you say otherwise."),
    "chosen_taken": _("{by} sent {unit} to {number} at {time} ({state}). It stays chosen until you say otherwise."),
    "chosen_left": _("{unit} is no longer on the list; it stays chosen until you clear it."),
    "sent_all": _("{n} of {n} sent to {number}."),
    "sent_some": _("{done} of {n} sent to {number}. Not sent:"),
    "sent_one": _("{unit} is sent to {number}."),
    "confirm": _("Send"),
    "cancel": _("Back"),
    "close": _("Close"),
    "undo": _("Undo"),
    "free": _("free"),
    "all": _("all"),
    "police": _("police"),
    "community": _("community"),
    "unit_no_fix": _("no position"),
    "stale": _("old position"),
    "lost": _("lost"),
    "filter_units": _("Which units"),
    "sort_units": _("Sorted"),
    "sort_sign": _("by call sign"),
    "sort_state": _("free first"),
    "sort_near": _("nearest to the incident first"),
    "map_loading": _("Drawing the map …"),
    "map_off": _("No map on this computer: its browser has no WebGL. Everything on it is in the lists."),
    "map_failed": _("The map could not be drawn. Everything on it is in the lists."),
    "map_without_base": _("No base map on this server yet: only areas, incidents and units are drawn."),
    "layers": _("Layers"),
    "layer_beat": _("Beats"),
    "layer_station": _("Station areas"),
    "layer_zone": _("Zones"),
    "layer_booth": _("Booths"),
    "layer_must_cover": _("Must-cover points"),
    "layer_units": _("Units on duty"),
    "layer_incidents": _("Incidents"),
    "layer_rings": _("Reach"),
    "reach": _("Who can be here"),
    "reach_minutes": _("{n} min"),
    "reach_road": _("by road, for a car"),
    "reach_urgent": _("by road, blue light"),
    "reach_line": _("straight line: no road network in use"),
    "reach_none": _("No unit can be here in {n} min."),
    "reach_found": _("{n} units within {minutes} min"),
    "reach_pick": _("Click the map where it is, or choose an incident. Esc ends it."),
    "reach_choose": _("Choose those free"),
    "reach_no_point": _("This incident has no point on the map: times can't be given."),
    "circle_pick": _("Press on the map and draw outwards; Esc ends it."),
    "circle": _("Circle"),
    "circle_found": _("{n} units inside {m} m"),
    "circle_lost": _("{n} of unknown position"),
    "spots": _("Places"),
    "spots_filter": _("Name, code or kind"),
    "spots_none": _("No areas and points were taken in yet: anlan import areas and anlan import points do it."),
    "look_there": _("Show"),
    "broadcast": _("Broadcast"),
    "broadcast_text": _("One sentence, at most 200 characters"),
    "broadcast_send": _("Send to all of them"),
    "broadcast_where": _("Draw a circle on the map, or choose an incident that has a point."),
    "broadcast_seen": _("seen {seen}/{n} · acknowledged {taken}/{n}"),
    "broadcast_no_crew": _("Nobody is signed on to: {units}. Call them by radio."),
    "radius": _("Radius"),
    "urgent": _("urgent"),
    "seen": _("seen"),
    "not_seen": _("not seen"),
    "acknowledged": _("acknowledged"),
    "weather_none": _("Weather: no feed is connected."),
    "weather_old": _("old"),
    "weather_no_measure": _("Weather: nothing measured."),
    "weather_no_forecast": _("no forecast"),
    "forecast": _("Forecast"),
    "forecast_issued": _("Issued {time} by {source}"),
    "hour": _("{h}:00"),
    "wind": _("wind"),
    "visibility": _("visibility"),
    "synthetic": _("made up"),
    "warning_until": _("{kind}, {level}, until {time}"),
    "warning_new": _("New weather warning: {kind}, {level}"),
    "rain_none": _("no rain"),
    "rain_light": _("light rain"),
    "rain_moderate": _("moderate rain"),
    "rain_heavy": _("heavy rain"),
    "rain_storm": _("rainstorm"),
    "fit": _("Whole area"),
    "drop_here": _("Send {unit} to {incident}"),
    "list_link": _("Queue without a map"),
    "type_command": _("Command, unit, number"),
    "command": _("Command"),
    "command_none": _("Nothing fits. ? lists all commands."),
    "command_needs_incident": _("Which incident? Type its last digits, or choose one first."),
    "command_needs_unit": _("Which unit? Type its call sign."),
    "command_no_assignment": _("{unit} is not on {number}."),
    "command_unknown_incident": _("No open incident ends with {text}."),
    "command_history": _("Typed before"),
    "command_run": _("Enter runs the first line, arrows choose, Esc closes."),
    "group_command": _("Commands"),
    "group_incident": _("Incidents"),
    "group_unit": _("Units"),
    "group_page": _("Pages"),
    "data_stale": _("Not live: what you see is {age} old."),
    "reloaded": _("The picture was read anew."),
    "not_reached": _("The server was not reached; nothing was changed. Try again."),
    "session_over": _("Your session is over. Sign in again; what you typed is kept."),
    "call_panel": _("Call"),
    "saved": _("{number} is saved."),
    "help": _("Keys and commands"),
    "help_say": _("Type / then a verb in Chinese, its pinyin initials or English, then units and numbers."),
    "key_row": _("next or previous row of the list in use"),
    "key_open": _("open the row"),
    "key_new": _("new call"),
    "key_answer": _("answer the call that has rung longest"),
    "key_send": _("to the ranked units; Enter sends. With units chosen: send them"),
    "key_space": _("choose or leave a unit"),
    "key_lists": _("to the queue, the units, the incident, the map"),
    "key_spots": _("every place on the map, in a list"),
    "key_broadcast": _("one sentence to all units in the circle, or around the incident"),
    "key_reach": _("who can be here"),
    "key_escape": _("close what is open; typed text stays"),
    "key_command": _("command bar; arrow up brings back what was typed"),
    "oldest_first": _("oldest first"),
    "reason": _("Reason"),
    "records": _("Open the records"),
}

# key, words, how it is written after the verb, the permission it needs.
COMMANDS: tuple[tuple[str, str | Promise, str, str], ...] = (
    ("send", _("Send"), "U N", "dispatch.send"),
    ("support", _("Support"), "U N", "dispatch.send"),
    ("reassign", _("Reassign"), "U U N", "dispatch.send"),
    ("sign", _("Signed"), "U", "dispatch.step"),
    ("depart", _("Set off"), "U", "dispatch.step"),
    ("arrive", _("Arrived"), "U", "dispatch.step"),
    ("finish", _("Done"), "U", "dispatch.step"),
    ("call_off", _("Call off"), "U", "dispatch.cancel"),
    ("merge", _("Merge"), "N N", "intake.link"),
    ("transfer", _("Transfer"), "N P", "intake.transfer"),
    ("route", _("To the town room"), "N", "dispatch.order_route"),
    ("open", _("Open"), "N", "console.incident"),
    ("new_call", _("New call"), "", "console.call"),
    ("answer", _("Answer"), "", "intake.call_take"),
    ("locate", _("Show on the map"), "U", "units.view"),
    ("reach", _("Who can be here"), "N M", "units.view"),
    ("choose_free", _("Choose free units near"), "N M", "dispatch.send"),
    ("broadcast", _("Broadcast"), "N", "dispatch.broadcast"),
    ("spots", _("Places"), "", "console.queue"),
    ("clear", _("Clear the choice"), "", "units.view"),
    ("list", _("Queue without a map"), "", "console.queue"),
    ("sound", _("Sound for P1"), "", "console.queue"),
    ("help", _("Keys and commands"), "", "console.queue"),
)
ALLOWED = (
    "console.call",
    "console.incident",
    "dispatch.send",
    "dispatch.step",
    "dispatch.broadcast",
    "dispatch.cancel",
    "dispatch.recommend",
    "intake.call_take",
    "intake.link",
    "intake.transfer",
    "units.view",
    "reports.view",
)


def words() -> dict[str, str]:
    """Every word in the page's language."""
    return {key: str(word) for key, word in WORDS.items()}


def commands(actor: Actor) -> list[dict[str, str]]:
    """The commands ``actor`` may give, each by its Chinese verb, pinyin initials and English."""
    found = []
    for key, word, takes, action in COMMANDS:
        if permitted(actor, action):
            with override("zh-hans"):
                chinese = str(word)
            with override("en"):
                english = str(word)
            found.append({"key": key, "zh": chinese, "py": initials(chinese), "en": english, "takes": takes})
    return found


def allowed(actor: Actor) -> list[str]:
    """What of the console's deeds ``actor`` may do; the server checks each again."""
    return [action for action in ALLOWED if permitted(actor, action)]
