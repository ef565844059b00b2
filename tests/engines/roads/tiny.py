"""A road world that can be checked on paper.

At the equator one thousandth of a degree is 111.195 m in every direction, so all lines
below are drawn on a square grid with that step. Everything is 36 km/h (10 m/s): a step
takes 11.1195 s for a car.

        C ----- D ===== E          row 2 (lat 0.002)
        |       ^       |
        |       | one-way north (Hill Street)
        A ----- B ----- F          row 0 (lat 0), B is two steps east of A

    A (0, 0)      B (0.002, 0)     F (0.004, 0)
    C (0, 0.002)  D (0.002, 0.002) E (0.004, 0.002)

South Road A-B-F, North Road C-D-E, West Lane A-C, East Lane F-E with a bend outside the
square at (0.005, 0.001), Hill Street one-way B to D. A blind alley leads from C north to
G (0, 0.003).
"""

from anlan.engines.roads import FREE_TURNS, DriveRules, RoadGraph, RoadLine, graph_from_lines

STEP_M = 111.19508
SPEED_KMH = 36.0
FREE = DriveRules(turns=FREE_TURNS)
"""Turns cost nothing, so that times are lengths."""
STEP_S = STEP_M / 10.0

A, B, F = (0.0, 0.0), (0.002, 0.0), (0.004, 0.0)
C, D, E = (0.0, 0.002), (0.002, 0.002), (0.004, 0.002)
G = (0.0, 0.003)
BEND = (0.005, 0.001)


def tiny_lines() -> list[RoadLine]:
    """The six roads and the blind alley."""

    def line(name: str, *points: tuple[float, float], oneway: bool = False) -> RoadLine:
        return RoadLine(name, "residential", points, oneway=oneway, speed_kmh=SPEED_KMH)

    return [
        line("South Road", A, B, F),
        line("North Road", C, (0.001, 0.002), D, E),
        line("West Lane", A, C),
        line("East Lane", F, BEND, E),
        line("Hill Street", B, (0.002, 0.001), D, oneway=True),
        line("Blind Alley", C, G),
    ]


def tiny_graph() -> RoadGraph:
    """The world above as a graph: 7 junctions (A and F where the name changes), 8 links."""
    return graph_from_lines(tiny_lines())
