"""The fictional Anlan county of the demo: places, forces, calls, weather, all from a seed.

Everything here is synthetic. `generate.county_generate` makes the county, `calls.call_stream` its
calls, `history.history` two years of them at once, `handling` how they are answered.
"""
