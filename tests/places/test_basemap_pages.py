"""The map over HTTP: by ranges, for anybody signed in, from this host alone."""

from __future__ import annotations

import io
import json
import re
from itertools import pairwise
from pathlib import Path

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from pmtiles.reader import Reader
from shapely.geometry import LineString, Point, box

from anlan.accounts.models import Role
from anlan.core.actor import SYSTEM
from anlan.core.permissions import permission_table
from anlan.core.ranges import Span, range_asked
from anlan.engines.tiles import MapFeature
from anlan.engines.tiles.schema import AREAS, LABELS, LINES, ROADS, VECTOR_LAYERS, label_feature, road_feature
from anlan.places.basemap_store import basemaps_dir
from anlan.places.basemap_style import FONTS, PALETTES, WIDTHS, Look, empty_style, raster_style, vector_style
from anlan.places.models import Basemap
from anlan.places.services import basemap_draw, basemap_take
from world import T0, build_world

OSM = "© OpenStreetMap contributors"
TILES = "/basemap/tiles.pmtiles"
STYLES = ("/basemap/style-light.json", "/basemap/style-dark.json")
TOKENS = Path(__file__).parents[2] / "src/anlan/core/static/core/tokens.css"


@pytest.fixture
def world(db):
    return build_world(units=False, roads=False)


@pytest.fixture
def ada(world):
    client = Client()
    client.force_login(world.people["ada"])
    return client


def draw(*, is_synthetic=False):
    features: list[MapFeature] = [
        road_feature(LineString([(120.0, 30.0), (120.1, 30.0)]), "primary", name="东路"),
        label_feature("town", Point(120.05, 30.01), name="澜埠镇", name_en="Lanbu"),
        MapFeature("water", box(120.02, 30.02, 120.03, 30.03), {"kind": "water"}),
    ]
    return basemap_draw(
        name="town",
        source="town.osm.pbf",
        features=features,
        attribution=OSM,
        is_synthetic=is_synthetic,
        by=SYSTEM,
        at=T0,
    )


def body(response):
    return b"".join(response.streaming_content) if response.streaming else response.content


# Ranges


def test_a_map_is_read_by_ranges_as_its_client_reads_it(ada):
    row = draw()
    whole = (basemaps_dir() / row.file).read_bytes()

    def read(offset, length):
        answer = ada.get(TILES, headers={"Range": f"bytes={offset}-{offset + length - 1}"})
        assert answer.status_code == 206
        stop = min(offset + length, len(whole))
        assert answer["Content-Range"] == f"bytes {offset}-{stop - 1}/{len(whole)}"
        assert answer["Content-Length"] == str(stop - offset)
        return body(answer)

    reader = Reader(read)
    assert reader.header()["max_zoom"] == 14
    assert {layer["id"] for layer in reader.metadata()["vector_layers"]} == {"roads", "labels", "water"}


def test_without_a_range_the_whole_file_comes(ada):
    row = draw()
    answer = ada.get(TILES)
    assert (answer.status_code, body(answer)) == (200, (basemaps_dir() / row.file).read_bytes())
    assert answer["Accept-Ranges"] == "bytes"
    assert answer["Content-Type"] == "application/vnd.pmtiles"
    assert ada.head(TILES)["Content-Length"] == str(row.size_bytes)
    assert ada.head(TILES).content == b""


def test_a_large_range_is_streamed_and_complete(ada, monkeypatch):
    monkeypatch.setattr("anlan.core.ranges.CHUNK", 16)
    row = draw()
    answer = ada.get(TILES)
    assert answer.streaming
    assert len(body(answer)) == row.size_bytes


def test_a_range_behind_the_end_is_answered_with_the_size(ada):
    row = draw()
    answer = ada.get(TILES, headers={"Range": f"bytes={row.size_bytes}-"})
    assert (answer.status_code, answer["Content-Range"]) == (416, f"bytes */{row.size_bytes}")


def test_a_client_that_has_the_map_is_told_so_and_one_with_another_map_gets_the_whole(ada):
    draw()
    etag = ada.get(TILES)["ETag"]
    assert re.fullmatch(r'"[0-9a-f]{32}"', etag)
    assert ada.get(TILES, headers={"If-None-Match": etag}).status_code == 304
    part = {"Range": "bytes=0-9"}
    assert ada.get(TILES, headers={**part, "If-Range": etag}).status_code == 206
    assert ada.get(TILES, headers={**part, "If-Range": '"another"'}).status_code == 200


def test_the_styles_own_address_may_be_kept_for_good_and_any_other_is_asked_again(ada):
    row = draw()
    kept = ada.get(f"{TILES}?v={row.sha256[:12]}")["Cache-Control"]
    assert "immutable" in kept
    assert "private" in kept
    assert "no-cache" in ada.get(TILES)["Cache-Control"]
    assert "no-cache" in ada.get(f"{TILES}?v=old")["Cache-Control"]


@given(st.integers(0, 60), st.integers(0, 60), st.integers(1, 50))
def test_a_range_is_never_outside_the_file(first, last, size):
    found = range_asked(f"bytes={first}-{last}", size)
    if last < first:
        assert found is None
    else:
        assert range(size)[first : last + 1] == range(size)[found.start : found.start + found.length]
    assert range_asked(f"bytes=-{last}", size) == Span(max(0, size - last), min(last, size))


@pytest.mark.parametrize("header", ["", "bytes=", "bytes=-", "bytes=0-1,5-6", "lines=0-1", "bytes=a-b", "bytes=9-1"])
def test_what_is_no_single_range_gets_the_whole(header):
    assert range_asked(header, 100) is None


# Who may look


def test_every_role_that_works_with_matters_may_look_at_the_map():
    assert permission_table()["places.map_view"] == set(Role.values) - {Role.INTEGRATION, Role.SECURITY_ADMIN}


@pytest.mark.parametrize("url", [TILES, *STYLES])
def test_nobody_looks_without_signing_in(db, url):
    draw()
    assert Client().get(url)["Location"].startswith("/sign-in")
    assert Client().get(url, headers={"Accept": "application/json"}).status_code == 401


@pytest.mark.parametrize("url", [TILES, *STYLES])
def test_the_map_is_read_never_written(ada, url):
    draw()
    assert ada.post(url).status_code == 405


# When there is no map


def test_where_no_map_was_drawn_the_style_still_works_and_the_tiles_say_what_to_do(ada):
    answer = ada.get(TILES, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (404, "no_basemap")
    assert "anlan places tiles" in answer.json()["detail_i18n"]["zh-hans"]
    style = ada.get(STYLES[0]).json()
    assert (style["sources"], len(style["layers"])) == ({}, 1)


def test_a_map_whose_file_was_cut_is_not_served_as_if_it_were_whole(ada):
    path = basemaps_dir() / draw().file
    path.write_bytes(path.read_bytes()[:-1])
    assert ada.get(TILES, headers={"Accept": "application/json"}).json()["code"] == "basemap_file_gone"


# What stands on the map


def test_whose_data_it_is_stands_on_every_map(ada, world):
    draw()
    assert ada.get(STYLES[0]).json()["sources"]["basemap"]["attribution"] == OSM


def test_an_invented_county_says_that_it_is_invented(ada):
    draw(is_synthetic=True)
    for language, words in (("zh", "虚构数据，并非真实地点"), ("en", "synthetic data, no real place")):
        style = ada.get(f"{STYLES[1]}?lang={language}").json()
        assert style["sources"]["basemap"]["attribution"] == words
        assert style["metadata"]["anlan:basemap"]["synthetic"] is True


def test_a_bureaus_tiles_show_their_owner_and_their_approval_number(ada, tmp_path):
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (256, 256)).save(out, "PNG")
    (tmp_path / "t/9/426").mkdir(parents=True)
    (tmp_path / "t/9/426/211.png").write_bytes(out.getvalue())
    basemap_take(
        name="pgis",
        path=tmp_path / "t",
        datum="cgcs2000",
        attribution="县公安局 PGIS",
        approval_number="GS（2024）0001号",
        tms=False,
        by=SYSTEM,
        at=T0,
    )
    style = ada.get(f"{STYLES[1]}?lang=zh").json()
    assert style["sources"]["basemap"]["type"] == "raster"
    assert style["sources"]["basemap"]["attribution"] == "县公安局 PGIS · 审图号：GS（2024）0001号"


def test_names_come_in_the_readers_language_or_the_one_asked_for(ada):
    draw()
    road = next(layer for layer in ada.get(f"{STYLES[0]}?lang=en").json()["layers"] if layer["id"] == "label-road")
    assert road["layout"]["text-field"] == ["coalesce", ["get", "name_en"], ["get", "name"]]
    road = next(layer for layer in ada.get(f"{STYLES[0]}?lang=zh").json()["layers"] if layer["id"] == "label-road")
    assert road["layout"]["text-field"] == ["coalesce", ["get", "name"], ["get", "name_en"]]


@pytest.mark.parametrize("url", STYLES)
def test_no_address_in_a_style_leaves_this_host(ada, url):
    draw()
    text = ada.get(url).content.decode()
    assert "glyphs" not in json.loads(text)
    assert "sprite" not in json.loads(text)
    assert re.findall(r"\w+://[^\"]*", text) == [f"pmtiles://{TILES}?v={Basemap.objects.get().sha256[:12]}"]


def test_a_style_is_asked_for_once(ada):
    draw()
    etag = ada.get(STYLES[0])["ETag"]
    assert ada.get(STYLES[0], headers={"If-None-Match": etag}).status_code == 304
    assert ada.get(STYLES[1])["ETag"] != etag


# The styles themselves


def test_at_night_a_drawn_map_is_turned_to_light_on_dark_and_a_photograph_is_not():
    night = {"url": "", "attribution": "", "metadata": {}}
    drawn, photo = (
        raster_style(Look("dark"), **night, is_photo=is_photo)["layers"][1]["paint"] for is_photo in (0, 1)
    )
    assert drawn["raster-brightness-min"] > drawn["raster-brightness-max"]
    assert photo["raster-brightness-min"] < photo["raster-brightness-max"] < 0.5


STYLE_OF = [
    make(Look(theme, language), url="pmtiles:///x", attribution="", metadata={})
    for make in (vector_style, raster_style)
    for theme in PALETTES
    for language in ("zh", "en")
]
LAYER_TYPES = {"background", "fill", "line", "symbol", "raster"}
OPERATORS = {
    "interpolate",
    "match",
    "get",
    "has",
    "!",
    "all",
    "case",
    "coalesce",
    "*",
    "+",
    "linear",
    "exponential",
    "zoom",
}


def expressions(node):
    """All nested lists whose head is a word."""
    if isinstance(node, list):
        if node and isinstance(node[0], str) and node is not FONTS:
            yield node
        for part in node:
            yield from expressions(part)
    elif isinstance(node, dict):
        for part in node.values():
            yield from expressions(part)


@pytest.mark.parametrize("style", STYLE_OF)
def test_every_layer_of_a_style_is_known_named_once_and_draws_what_the_tiles_have(style):
    names = [layer["id"] for layer in style["layers"]]
    assert style["version"] == 8
    assert len(names) == len(set(names))
    for layer in style["layers"]:
        assert layer["type"] in LAYER_TYPES
        assert layer["type"] == "background" or layer["source"] in style["sources"]
        if layer["type"] in ("fill", "line", "symbol"):
            fields = VECTOR_LAYERS[layer["source-layer"]]
            asked = {e[1] for e in expressions(layer) if e[0] in ("get", "has")}
            assert asked <= set(fields), layer["id"]
        for part in ("paint", "layout"):
            own = (f"{layer['type']}-", "text-") if layer["type"] == "symbol" else f"{layer['type']}-"
            assert all(key.startswith(own) for key in layer.get(part, {})), layer["id"]


@pytest.mark.parametrize("style", STYLE_OF)
def test_expressions_are_whole_and_zooms_rise(style):
    for layer in style["layers"]:
        for expression in expressions({key: layer.get(key, {}) for key in ("paint", "layout", "filter")}):
            head, rest = expression[0], expression[1:]
            if head == "interpolate":
                zooms = rest[2::2]
                assert len(rest) % 2 == 0
                assert all(a < b for a, b in pairwise(zooms)), layer["id"]
            if head == "match":
                assert len(rest) % 2 == 0, layer["id"]
        assert layer.get("minzoom", 0) < layer.get("maxzoom", 24)


def test_every_kind_that_is_drawn_has_a_look():
    light = vector_style(Look(), url="", attribution="", metadata={})
    text = json.dumps(light)
    shown = {row[0] for row in ROADS.values()}
    assert shown == set(WIDTHS) | {"track", "path"}
    for kind in [*LABELS, *(kind for kind, (layer, _) in AREAS.items() if layer == "land")]:
        assert f'"{kind}"' in text, kind
    assert {layer for layer, _ in LINES.values()} <= {layer.get("source-layer") for layer in light["layers"]}
    assert light["metadata"]["anlan:labels-from"] in [layer["id"] for layer in light["layers"]]
    assert empty_style(Look(), metadata={})["layers"][0]["type"] == "background"


def channels(colour):
    return [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]


def luminance(colour):
    r, g, b = ((c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4) for c in channels(colour))
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(a, b):
    light, dark = sorted((luminance(a), luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def tokens(theme):
    text = TOKENS.read_text(encoding="utf-8")
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", text.split(f'[data-theme="{theme}"]')[1].split("}")[0]))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_names_can_be_read_on_every_ground_and_the_page_goes_on_in_the_map(theme):
    colours = PALETTES[theme]
    assert all(f'"{font}"' in TOKENS.read_text(encoding="utf-8") for font in FONTS[:-1])
    assert colours.ground == tokens(theme)["ground"]
    grounds = [
        colours.ground,
        colours.built_up,
        colours.works,
        colours.park,
        colours.wood,
        colours.farm,
        colours.halo,
    ]
    for ink in (colours.ink, colours.ink_soft):
        assert min(contrast(ink, ground) for ground in grounds) >= 4.5
    assert contrast(colours.ink_water, colours.halo) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_map_stays_quiet_so_that_incidents_stand_out(theme):
    colours = PALETTES[theme]
    for name in colours.__slots__:
        if not name.startswith("ink"):
            assert max(channels(getattr(colours, name))) - min(channels(getattr(colours, name))) <= 0.22, name
    for mark in ("p1", "p2", "p3"):
        urgent = tokens(theme)[mark]
        for ground in (colours.ground, colours.built_up, colours.park, colours.water):
            assert contrast(urgent, ground) >= 3.0, (mark, ground)
