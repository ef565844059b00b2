"""The ways to move that are known, as TOML: data, read by `vehicles.py`."""

SHIPPED = """\
# Ways to move, one table each. A new one (a boat, say) is a new table and a new import of the map: no code changes.
#
# access, emergency_access   bits kept with every road in either direction (1, 2, 4 ... 128), each a vehicle's own;
#                            the same one in both where blue light changes nothing
# not_on, emergency_not_on   classes of road it may not use unless a tag opens them; or only_on: all it may use
# tags                       OpenStreetMap keys that open or close a way to it, the most particular first
# signs                      the word for it on signs at junctions; without one no sign binds it
# turns                      false where turning takes no time and nothing is forbidden
# both_ways                  true where one-ways do not bind it
# factor, most_kmh           its speed from that of a car; or speed_kmh, emergency_speed_kmh: one speed everywhere

[car]
access = 1
emergency_access = 8
not_on = ["pedestrian", "waterway"]
emergency_not_on = ["waterway"]
tags = ["motorcar", "motor_vehicle", "vehicle", "access"]
signs = "motorcar"

# Most cities bar motorcycles from motorways.
[motorcycle]
access = 2
emergency_access = 16
not_on = ["motorway", "motorway_link", "pedestrian", "waterway"]
emergency_not_on = ["waterway"]
tags = ["motorcycle", "motor_vehicle", "vehicle", "access"]
signs = "motorcycle"
factor = 1.1
most_kmh = 70.0

# Closed to walkers are motorways (road traffic safety law of China, art. 67).
[foot]
access = 4
emergency_access = 4
not_on = ["motorway", "motorway_link", "waterway"]
tags = ["foot", "access"]
turns = false
both_ways = true
speed_kmh = 5.0
emergency_speed_kmh = 8.0
"""
