"""WGS 84, GCJ-02 and BD-09: the three coordinate systems that meet in China.

Satellites, OpenStreetMap and this platform use WGS 84. Maps sold in China must use
GCJ-02, shifted by a smooth but secret-in-law few hundred metres; Baidu shifts once more
to BD-09. Conversion happens at the door, never inside.

The forward formulas are the publicly known ones (constants of the Krasovsky 1940
ellipsoid for GCJ-02). The inverses are found by iteration on the forward formula, so
they are its true inverse rather than the usual one-step guess that is metres off.
Outside the published rectangle around China every conversion leaves the point alone.
"""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats: TypeAlias = NDArray[np.float64]
LonLat: TypeAlias = tuple[Floats, Floats]

CHINA_RECTANGLE = (72.004, 0.8293, 137.8347, 55.8271)
"""West, south, east, north of the region the shift applies to (degrees)."""

_SEMI_MAJOR_M = 6_378_245.0
_ECCENTRICITY_SQUARED = 0.006_693_421_622_965_943
_BAIDU_SHIFT = (0.0065, 0.006)
_BAIDU_WAVE = np.pi * 3000.0 / 180.0
_INVERSE_TOLERANCE_DEG = 1e-10
_INVERSE_STEPS = 40
_MARGIN_DEG = 0.1
"""More than any shift: on the whole rectangle GCJ-02 and BD-09 move a point by less than this."""

_Shift: TypeAlias = Callable[[Floats, Floats], LonLat]


def wgs84_to_gcj02(lon: ArrayLike, lat: ArrayLike) -> LonLat:
    """WGS 84 degrees to GCJ-02 degrees, as (lon, lat) arrays of the broadcast shape."""
    return _converted(lon, lat, _gcj02_forward, 0.0)


def gcj02_to_wgs84(lon: ArrayLike, lat: ArrayLike) -> LonLat:
    """GCJ-02 degrees to WGS 84 degrees; inverse of `wgs84_to_gcj02` to 1e-7 degrees (1 cm)."""
    return _converted(lon, lat, lambda x, y: _inverse(_gcj02_forward, x, y), _MARGIN_DEG)


def gcj02_to_bd09(lon: ArrayLike, lat: ArrayLike) -> LonLat:
    """GCJ-02 degrees to Baidu's BD-09 degrees."""
    return _converted(lon, lat, _bd09_forward, 0.0)


def bd09_to_gcj02(lon: ArrayLike, lat: ArrayLike) -> LonLat:
    """Baidu's BD-09 degrees to GCJ-02 degrees; inverse of `gcj02_to_bd09`."""
    return _converted(lon, lat, lambda x, y: _inverse(_bd09_forward, x, y), _MARGIN_DEG)


def wgs84_to_bd09(lon: ArrayLike, lat: ArrayLike) -> LonLat:
    """WGS 84 degrees to BD-09 degrees."""
    return _converted(lon, lat, lambda x, y: _bd09_forward(*_gcj02_forward(x, y)), 0.0)


def bd09_to_wgs84(lon: ArrayLike, lat: ArrayLike) -> LonLat:
    """BD-09 degrees to WGS 84 degrees; inverse of `wgs84_to_bd09` to 1e-7 degrees (1 cm)."""
    return _converted(lon, lat, lambda x, y: _inverse(_gcj02_forward, *_inverse(_bd09_forward, x, y)), _MARGIN_DEG)


def _converted(lon: ArrayLike, lat: ArrayLike, convert: _Shift, margin_deg: float) -> LonLat:
    """Apply a shift where it belongs and leave every other point, gaps included, untouched.

    A backward shift looks at points up to a margin outside the rectangle, because points
    inside may have been shifted there; it counts only where its result lies inside.
    """
    lons, lats = np.broadcast_arrays(np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64))
    near = _in_china(lons, lats, margin_deg)
    # The formulas overflow far outside; the middle of China stands in for what they must not see.
    new_lon, new_lat = convert(np.where(near, lons, 105.0), np.where(near, lats, 35.0))
    counts = near & (_in_china(new_lon, new_lat, 0.0) if margin_deg else near)
    return np.where(counts, new_lon, lons), np.where(counts, new_lat, lats)


def _in_china(lon: Floats, lat: Floats, margin_deg: float) -> NDArray[np.bool_]:
    west, south, east, north = CHINA_RECTANGLE
    inside = (lon >= west - margin_deg) & (lon <= east + margin_deg)
    return np.asarray(inside & (lat >= south - margin_deg) & (lat <= north + margin_deg))


def _inverse(forward: Callable[[Floats, Floats], LonLat], lon: Floats, lat: Floats) -> LonLat:
    """Solve forward(x) = (lon, lat). The shift varies slowly, so x <- target - shift(x) contracts."""
    at_lon, at_lat = lon.copy(), lat.copy()
    for _ in range(_INVERSE_STEPS):
        seen_lon, seen_lat = forward(at_lon, at_lat)
        off_lon, off_lat = lon - seen_lon, lat - seen_lat
        at_lon, at_lat = at_lon + off_lon, at_lat + off_lat
        if np.max(np.abs([off_lon, off_lat]), initial=0.0) < _INVERSE_TOLERANCE_DEG:
            break
    return at_lon, at_lat


def _gcj02_forward(lon: Floats, lat: Floats) -> LonLat:
    x, y = lon - 105.0, lat - 35.0
    ripple = (20.0 * np.sin(6.0 * np.pi * x) + 20.0 * np.sin(2.0 * np.pi * x)) * 2.0 / 3.0
    root_x = np.sqrt(np.abs(x))
    north_m = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root_x + ripple
    north_m += (20.0 * np.sin(np.pi * y) + 40.0 * np.sin(np.pi / 3.0 * y)) * 2.0 / 3.0
    north_m += (160.0 * np.sin(np.pi / 12.0 * y) + 320.0 * np.sin(np.pi / 30.0 * y)) * 2.0 / 3.0
    east_m = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root_x + ripple
    east_m += (20.0 * np.sin(np.pi * x) + 40.0 * np.sin(np.pi / 3.0 * x)) * 2.0 / 3.0
    east_m += (150.0 * np.sin(np.pi / 12.0 * x) + 300.0 * np.sin(np.pi / 30.0 * x)) * 2.0 / 3.0

    lat_rad = np.radians(lat)
    bulge = 1.0 - _ECCENTRICITY_SQUARED * np.sin(lat_rad) ** 2
    metres_per_lat = np.radians(_SEMI_MAJOR_M * (1.0 - _ECCENTRICITY_SQUARED) / bulge**1.5)
    metres_per_lon = np.radians(_SEMI_MAJOR_M / np.sqrt(bulge) * np.cos(lat_rad))
    return lon + east_m / metres_per_lon, lat + north_m / metres_per_lat


def _bd09_forward(lon: Floats, lat: Floats) -> LonLat:
    radius = np.hypot(lon, lat) + 0.000_02 * np.sin(lat * _BAIDU_WAVE)
    angle = np.arctan2(lat, lon) + 0.000_003 * np.cos(lon * _BAIDU_WAVE)
    return radius * np.cos(angle) + _BAIDU_SHIFT[0], radius * np.sin(angle) + _BAIDU_SHIFT[1]
