"""Whether a file of outlines is what it says: GeoJSON of areas, in degrees (RFC 7946).

Hands on :func:`outline_faults`, all faults of one file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from portal_analysis.faults import Error
from portal_analysis.structured import read_json

DEEP = {"Polygon": 1, "MultiPolygon": 2}
"""How many lists stand around the lists of points of an area."""


def is_outline(resource: Mapping[str, Any]) -> bool:
    """Tell whether a resource is a file of outlines: its format, or the ending of its path."""
    path = str(resource.get("path", ""))
    return str(resource.get("format", "")).lower() == "geojson" or path.lower().endswith(".geojson")


def outline_faults(path: Path) -> list[str]:
    """Return what is wrong with a file of outlines, with the number of the feature."""
    try:
        held = read_json(path, Error)
    except Error as error:
        return [str(error)]
    features = held.get("features") if isinstance(held, dict) else None
    if (
        not isinstance(held, dict)
        or held.get("type") != "FeatureCollection"
        or not isinstance(features, list)
    ):
        return [f"{path.name}: no GeoJSON FeatureCollection"]
    if not features:
        return [f"{path.name}: holds no feature"]
    return [
        f"{path.name}, feature {place}: {fault}"
        for place, one in enumerate(features, start=1)
        for fault in _feature_faults(one)
    ]


def _feature_faults(feature: Any) -> Iterator[str]:
    shape = feature.get("geometry") if isinstance(feature, dict) else None
    if not isinstance(shape, dict) or shape.get("type") not in DEEP:
        yield f"its geometry must be one of {list(DEEP)}"
        return
    if not isinstance(feature.get("properties"), dict) or not feature["properties"]:
        yield "it has no properties that say what it is"
    try:
        points = list(_points(shape["coordinates"], DEEP[shape["type"]]))
    except (KeyError, TypeError):
        yield "its coordinates are no lists of points"
        return
    if not points or not all(_is_place(point) for point in points):
        yield "its coordinates are no longitudes (-180 to 180) and latitudes (-90 to 90)"


def _points(held: Any, deep: int) -> Iterator[Any]:
    if not isinstance(held, list):
        raise TypeError
    for one in held:
        yield from _points(one, deep - 1) if deep else [one]


def _is_place(point: Any) -> bool:
    if not isinstance(point, list) or len(point) < 2 or not all(type(one) in (int, float) for one in point):
        return False
    return -180 <= point[0] <= 180 and -90 <= point[1] <= 90
