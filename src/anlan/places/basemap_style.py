"""How our map looks: MapLibre styles for day and night, quiet enough that incidents are what one sees.

No glyph or sprite file is named, so that MapLibre (5.11 and later) draws all text with fonts of the screen's
own machine, and no request goes anywhere else. Two colours of the trade stay free for incidents: nothing on the
map is red, amber, teal or violet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from anlan.engines.tiles.schema import LABELS, LAST_ZOOM

Layer = dict[str, Any]
SOURCE = "basemap"
FONTS = ["PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Source Han Sans SC", "sans-serif"]
"""As the pages' own (tokens.css)."""


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of one theme."""

    ground: str
    built_up: str
    works: str
    park: str
    wood: str
    farm: str
    sand: str
    water: str
    water_line: str
    building: str
    building_edge: str
    case: str
    path: str
    street: str
    tertiary: str
    secondary: str
    primary: str
    trunk: str
    motorway: str
    rail: str
    arrow: str
    ink: str
    ink_soft: str
    ink_water: str
    halo: str


PALETTES: Mapping[str, Palette] = {
    "light": Palette(
        ground="#f1f4f7",
        built_up="#e6eaee",
        works="#e1e5eb",
        park="#dfe9df",
        wood="#d9e5da",
        farm="#eef1e8",
        sand="#efede4",
        water="#c9d9e6",
        water_line="#b8cddd",
        building="#dfe3e8",
        building_edge="#cfd5dc",
        case="#b3bdc9",
        path="#b9c2cd",
        street="#ffffff",
        tertiary="#ffffff",
        secondary="#ffffff",
        primary="#ffffff",
        trunk="#d9e1ea",
        motorway="#c6d2df",
        rail="#a9b3bf",
        arrow="#7d8998",
        ink="#3d4b5b",
        ink_soft="#56636f",
        ink_water="#40627f",
        halo="#ffffff",
    ),
    "dark": Palette(
        ground="#10151b",
        built_up="#151c24",
        works="#171d28",
        park="#13221d",
        wood="#111f1b",
        farm="#131b1b",
        sand="#1c1f20",
        water="#0d2137",
        water_line="#16314d",
        building="#1b2530",
        building_edge="#232f3c",
        case="#0a0e13",
        path="#2f3b49",
        street="#27323f",
        tertiary="#2d3a48",
        secondary="#354353",
        primary="#3e4e60",
        trunk="#46586c",
        motorway="#4f637a",
        rail="#3a4552",
        arrow="#7f8ea0",
        ink="#bac5d1",
        ink_soft="#93a1b1",
        ink_water="#7fa3c6",
        halo="#10151b",
    ),
}

WIDTHS: Mapping[str, tuple[float, float, float, float]] = {
    "motorway": (1.2, 2.6, 7.0, 30.0),
    "trunk": (1.1, 2.4, 6.5, 28.0),
    "primary": (0.9, 2.0, 5.5, 26.0),
    "secondary": (0.6, 1.5, 4.6, 23.0),
    "tertiary": (0.3, 1.0, 3.6, 20.0),
    "street": (0.1, 0.5, 2.0, 15.0),
    "pedestrian": (0.1, 0.4, 1.6, 11.0),
    "service": (0.1, 0.3, 1.1, 8.0),
}
"""Class to its width in pixels at zooms 8, 11, 14 and 18."""
_STOPS = (8, 11, 14, 18)
_MINOR = ("track", "path")


@dataclass(frozen=True, slots=True)
class Look:
    """What a style is asked for: theme (light or dark) and language (zh or en) of its names."""

    theme: str = "light"
    language: str = "zh"

    @property
    def palette(self) -> Palette:
        return PALETTES[self.theme]


def vector_style(look: Look, *, url: str, attribution: str, metadata: Mapping[str, Any]) -> dict[str, Any]:
    """The style for our own tiles at ``url``; overlays go beneath the layer ``anlan:labels-from``."""
    source = {"type": "vector", "url": url, "attribution": attribution}
    labels = _labels(look)
    layers = [*_ground(look.palette), *_roads(look.palette), *labels]
    return _style(look, {SOURCE: source}, layers, {**metadata, "anlan:labels-from": labels[0]["id"]})


def raster_style(
    look: Look, *, url: str, attribution: str, metadata: Mapping[str, Any], is_photo: bool = False
) -> dict[str, Any]:
    """The style for a bureau's images: drained of colour by day; at night drawn maps are turned to light on
    dark (a brightness that falls from black to white), photographs only turned down."""
    calm: dict[str, Any] = {"raster-saturation": -0.45, "raster-fade-duration": 0}
    if look.theme == "dark":
        night = {"raster-brightness-min": 0.0, "raster-brightness-max": 0.4}
        if not is_photo:
            # Turning light to dark turns blue to brown as well; half a turn brings the hues back.
            night = {"raster-brightness-min": 0.8, "raster-brightness-max": 0.07, "raster-hue-rotate": 180}
        calm |= {"raster-saturation": -0.8, **night}
    source = {"type": "raster", "url": url, "tileSize": 256, "attribution": attribution}
    layer = {"id": "bureau", "type": "raster", "source": SOURCE, "paint": calm}
    return _style(look, {SOURCE: source}, [_background(look.palette), layer], {**metadata, "anlan:labels-from": None})


def empty_style(look: Look, *, metadata: Mapping[str, Any]) -> dict[str, Any]:
    """The style where no map has been drawn yet: the ground alone, on which units and incidents still stand."""
    return _style(look, {}, [_background(look.palette)], {**metadata, "anlan:labels-from": None})


def _style(
    look: Look, sources: Mapping[str, Any], layers: Sequence[Layer], metadata: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "version": 8,
        "name": f"Anlan {look.theme}",
        "metadata": dict(metadata),
        "sources": dict(sources),
        "layers": list(layers),
    }


def _background(colours: Palette) -> Layer:
    return {"id": "ground", "type": "background", "paint": {"background-color": colours.ground}}


def _layer(ident: str, kind: str, of: str, paint: Mapping[str, Any], **told: Any) -> Layer:
    return {"id": ident, "type": kind, "source": SOURCE, "source-layer": of, "paint": dict(paint), **told}


def _ground(colours: Palette) -> list[Layer]:
    land = _match(
        "kind",
        {
            "built_up": colours.built_up,
            "industrial": colours.works,
            "commercial": colours.works,
            "airport": colours.works,
            "campus": colours.works,
            "hospital": colours.works,
            "park": colours.park,
            "cemetery": colours.park,
            "wood": colours.wood,
            "farm": colours.farm,
            "sand": colours.sand,
        },
        colours.ground,
    )
    order = _match("kind", {"built_up": 0, "farm": 0, "airport": 1, "wood": 2, "park": 3}, 1)
    stream = _zoomed({8: 0.6, 11: 1.2, 14: 2.4, 18: 9.0})
    railway = {"line-color": colours.rail, "line-width": _zoomed({9: 0.5, 14: 1.4, 18: 4.0})}
    return [
        _background(colours),
        _layer("land", "fill", "land", {"fill-color": land}, layout={"fill-sort-key": order}),
        _layer("water", "fill", "water", {"fill-color": colours.water}),
        _layer(
            "waterway", "line", "waterway", {"line-color": colours.water_line, "line-width": stream}, layout=_ROUND
        ),
        _layer(
            "buildings",
            "fill",
            "buildings",
            {
                "fill-color": colours.building,
                "fill-outline-color": colours.building_edge,
                "fill-opacity": _zoomed({14: 0.0, 15: 1.0}),
            },
            minzoom=LAST_ZOOM,
        ),
        _layer("rail", "line", "rail", railway),
        _layer(
            "rail-ties",
            "line",
            "rail",
            {
                "line-color": colours.ground,
                "line-width": _zoomed({12: 0.4, 14: 0.7, 18: 2.4}),
                "line-dasharray": [6, 6],
            },
            minzoom=12,
        ),
    ]


_ROUND = {"line-cap": "round", "line-join": "round"}


def _roads(colours: Palette) -> list[Layer]:
    main = ["match", ["get", "class"], list(_MINOR), False, True]
    on_ground, over = ["all", main, ["!", ["has", "bridge"]]], ["all", main, ["has", "bridge"]]
    fill = _match("class", {name: getattr(colours, _colour_of(name)) for name in WIDTHS}, colours.street)
    sort = _match("class", {name: len(WIDTHS) - rank for rank, name in enumerate(WIDTHS)}, 0)
    faint = ["case", ["has", "tunnel"], 0.45, 1.0]
    layout = {**_ROUND, "line-sort-key": sort}
    inner = {"line-color": fill, "line-width": _width(), "line-opacity": faint}
    outer = {"line-color": colours.case, "line-width": _width(case=True), "line-opacity": faint}
    minor = {
        "line-color": colours.path,
        "line-width": _zoomed({14: 0.7, 18: 3.0}),
        "line-dasharray": [2, 1.5],
    }
    butt = {"line-cap": "butt", "line-join": "round", "line-sort-key": sort}
    return [
        _layer("path", "line", "roads", minor, filter=["!", main], minzoom=14),
        _layer("road-case", "line", "roads", outer, filter=on_ground, layout=layout),
        _layer("road", "line", "roads", inner, filter=on_ground, layout=layout),
        _layer("bridge-case", "line", "roads", outer, filter=over, layout=butt),
        _layer("bridge", "line", "roads", inner, filter=over, layout=layout),
        _arrows(colours),
    ]


def _colour_of(road_class: str) -> str:
    return road_class if road_class in {field.name for field in fields(Palette)} else "street"


def _arrows(colours: Palette) -> Layer:
    layout = {
        "symbol-placement": "line",
        "symbol-spacing": 140,
        "text-field": "→",
        "text-font": FONTS,
        "text-size": 13,
        "text-keep-upright": False,
        "text-padding": 1,
    }
    paint = {"text-color": colours.arrow}
    return _layer("oneway", "symbol", "roads", paint, filter=["has", "oneway"], layout=layout, minzoom=16)


def _labels(look: Look) -> list[Layer]:
    colours = look.palette
    road = {
        "symbol-placement": "line",
        "symbol-spacing": 320,
        "text-field": _name(look),
        "text-font": FONTS,
        "text-size": _sized({11: (12, 11, 10), 14: (13, 12, 11), 18: (16, 15, 14)}),
        "text-letter-spacing": 0.04,
        "text-padding": 6,
        "text-max-angle": 32,
        "symbol-sort-key": _match("class", {name: rank for rank, name in enumerate(WIDTHS)}, 9),
    }
    ink = {"text-color": colours.ink, "text-halo-color": colours.halo, "text-halo-width": 1.6}
    soft = {**ink, "text-color": colours.ink_soft}
    water = {**ink, "text-color": colours.ink_water}
    stream = {**road, "text-size": 12, "symbol-spacing": 420, "symbol-sort-key": 5}
    return [
        _layer("label-waterway", "symbol", "waterway", water, layout=stream, minzoom=12),
        _layer("label-road", "symbol", "roads", ink, layout=road, filter=["has", "name"], minzoom=11),
        _points("label-small", look, soft, ("building", "place"), 16, size={16: 10, 18: 12}),
        _points("label-estate", look, soft, ("estate",), 15, size={15: 11, 18: 13}),
        _points("label-school", look, soft, ("school", "market", "police", "fire_station", "government"), 15),
        _points("label-green", look, soft, ("park", "hub", "hospital"), 14),
        _points("label-water", look, water, ("water",), 11, size={11: 12, 16: 14}),
        _points("label-village", look, soft, ("village", "hamlet", "neighbourhood"), 12, size={12: 11, 16: 14}),
        _points("label-town", look, ink, ("suburb", "town"), 8, size={8: 11, 12: 14, 15: 17}, until=15),
        _points("label-city", look, ink, ("county", "city"), 5, size={5: 12, 10: 17, 14: 19}, until=14),
    ]


def _points(
    ident: str,
    look: Look,
    paint: Mapping[str, Any],
    kinds: Sequence[str],
    minzoom: int,
    *,
    size: Mapping[int, float] | None = None,
    until: int = 24,
) -> Layer:
    assert set(kinds) <= set(LABELS), kinds
    layout = {
        "text-field": _name(look),
        "text-font": FONTS,
        "text-size": _zoomed(size or {13: 11, 18: 14}),
        "text-max-width": 8,
        "text-padding": 8,
        "symbol-sort-key": ["get", "rank"],
    }
    chosen = ["match", ["get", "kind"], list(kinds), True, False]
    return _layer(ident, "symbol", "labels", paint, layout=layout, filter=chosen, minzoom=minzoom, maxzoom=until)


def _name(look: Look) -> list[Any]:
    order = ("name_en", "name") if look.language == "en" else ("name", "name_en")
    return ["coalesce", *(["get", key] for key in order)]


def _match(key: str, table: Mapping[str, Any], other: Any) -> list[Any]:
    return ["match", ["get", key], *(part for pair in table.items() for part in pair), other]


def _zoomed(stops: Mapping[int, Any]) -> list[Any]:
    return ["interpolate", ["linear"], ["zoom"], *(part for pair in sorted(stops.items()) for part in pair)]


def _width(*, case: bool = False) -> list[Any]:
    """Width by zoom and class; ramps are narrower, and the rim of a road is about a pixel a side."""
    rims = (1.3, 1.4, 1.7, 2.4)
    stops: list[Any] = []
    for place, (zoom, rim) in enumerate(zip(_STOPS, rims, strict=True)):
        by_class = _match("class", {name: widths[place] for name, widths in WIDTHS.items()}, 0.1)
        inner = ["*", ["case", ["has", "link"], 0.6, 1.0], by_class]
        stops += [zoom, ["+", rim, inner] if case else inner]
    return ["interpolate", ["exponential", 1.5], ["zoom"], *stops]


def _sized(stops: Mapping[int, tuple[float, float, float]]) -> list[Any]:
    """Text size by zoom for large, middling and small roads."""
    by_zoom: dict[int, Any] = {}
    for zoom, (large, middling, small) in stops.items():
        table = {"motorway": large, "trunk": large, "primary": large, "secondary": middling, "tertiary": middling}
        by_zoom[zoom] = _match("class", table, small)
    return _zoomed(by_zoom)
