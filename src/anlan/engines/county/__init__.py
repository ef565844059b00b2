"""The fictional Anlan county of the demo: places, forces, calls, weather, all from a seed.

Everything here is synthetic. In one breath: `county_generate` makes the county, `shift_roster` says
who is on duty, `call_stream` lets calls come in, `history` gives two years at once, `handle_call`
says how a simulated unit handles one.
"""

from anlan.engines.county.areas import AreaIndex
from anlan.engines.county.basemap import county_map_features
from anlan.engines.county.calls import CallTable, call_stream, call_table
from anlan.engines.county.forces import shift_roster
from anlan.engines.county.generate import county_generate
from anlan.engines.county.handling import CallHandling, Handling, handle, handle_call
from anlan.engines.county.history import History, history
from anlan.engines.county.records import County, HiddenTruth, SyntheticCall
from anlan.engines.county.weather import WeatherSeries, weather_series

__all__ = [
    "AreaIndex",
    "CallHandling",
    "CallTable",
    "County",
    "Handling",
    "HiddenTruth",
    "History",
    "SyntheticCall",
    "WeatherSeries",
    "call_stream",
    "call_table",
    "county_generate",
    "county_map_features",
    "handle",
    "handle_call",
    "history",
    "shift_roster",
    "weather_series",
]
