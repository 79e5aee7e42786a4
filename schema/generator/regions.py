"""Regions with their zones, and the sizes on sale: data of a product that its responses contain."""

import re
from dataclasses import dataclass

from .names import c_string

REGION_KEYS = {"name": str, "id": int, "short": str, "title": str, "title_zh": str, "zone_base": int, "zones": list,
               "provenance": str, "source": str, "why": str}
SPEC_KEYS = {"version": str, "ids": list, "provenance": str, "source": str, "why": str}
_DIGITS_ZH = "〇一二三四五六七八九"


@dataclass
class Zone:
    name: str
    id: int
    title: str
    title_zh: str


@dataclass
class Region:
    name: str
    id: int
    short: str
    title: str
    title_zh: str
    zones: list


def is_name(value):
    return isinstance(value, str) and bool(re.fullmatch(r"[a-z0-9-]+", value))


def _whole(values, low, high):
    return bool(values) and all(type(v) is int and low <= v <= high for v in values) and len(set(values)) == len(values)


def region(row, where, problems):
    """A region of its checked keys, or None."""
    if not {"name", "id", "short", "title", "title_zh", "zone_base", "zones"} <= row.keys():
        return None
    if not is_name(row["name"]):
        problems.add(where, "must name regions such as ap-guangzhou")
        return None
    if not _whole(row["zones"], 1, 9):
        problems.add(f"{where}.zones", "must be different numbers from 1 to 9")
        return None
    zones = [Zone(f"{row['name']}-{n}", row["zone_base"] + n, f"{row['title']} Zone {n}",
                  f"{row['title_zh']}{_DIGITS_ZH[n]}区") for n in sorted(row["zones"])]
    return Region(row["name"], row["id"], row["short"], row["title"], row["title_zh"], zones)


def specs(row, where, problems):
    """[(id, version)] of one row."""
    ids = row.get("ids", [])
    if not _whole(ids, 1, 2**31 - 1) or not row.get("version"):
        problems.add(where, "must have a version and different ids above 0")
        return []
    return [(i, row["version"]) for i in ids]


def _text(key, value):
    return f".{key} = STR_INIT({c_string(value)})"


def _zone(zone):
    parts = [_text("name", zone.name), f".id = {zone.id}", _text("title", zone.title), _text("title_zh", zone.title_zh)]
    return "    {" + ", ".join(parts) + "},\n"


def _region(i, r):
    parts = [_text("name", r.name), f".id = {r.id}", _text("short_name", r.short), _text("title", r.title),
             _text("title_zh", r.title_zh), f".zones = zones_{i}", f".n_zones = {len(r.zones)}"]
    return "    {" + ",\n     ".join(parts) + "},\n"


def tables(product):
    """The C tables `regions` and `specs`, in the order of their numbers."""
    out = "".join(f"static const struct zone zones_{i}[] = {{\n{''.join(map(_zone, r.zones))}}};\n\n"
                  for i, r in enumerate(product.regions))
    rows = "".join(_region(i, r) for i, r in enumerate(product.regions))
    out += f"static const struct region regions[] = {{\n{rows}}};\n\n" if rows else ""
    rows = "".join(f"    {{.id = {i}, {_text('version', version)}}},\n" for i, version in product.specs)
    return out + (f"static const struct spec specs[] = {{\n{rows}}};\n\n" if rows else "")
