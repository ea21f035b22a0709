"""Addresses of pages: which spellings are one address, whose an address is, and whether one is where one meant to go.

Hands on :func:`same_address`, the one comparison that manifest, pages, repeated results and redirects share, and
:class:`Portals`, which says to whom an address belongs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, unquote, urlsplit

import pandas as pd

from portal_analysis.audit.readers.reading import Fault, reader_error

_PORTS = {"80", "443"}
_HASH_ROUTE = re.compile(r"[/!]")
_DEFAULT_PAGE = re.compile(r"/(?:index|default|home)\.(?:html?|php|aspx?|jsp)$", re.IGNORECASE)
_SCHEME = re.compile(r"^([a-z][a-z0-9+.-]*):", re.IGNORECASE)
_PUBLIC = frozenset(["ac", "co", "com", "edu", "gob", "gou", "gouv", "gov", "go", "mil", "net", "org", "or"])
"""Second-level names under which a country's organisations stand, such as ``gov`` in ``gov.vn``."""


def host_of(url: str | None) -> str | None:
    """Return the host of an address in lower case, without ``www.`` and standard ports; None if it has none."""
    if not url:
        return None
    address = url if "//" in url else f"//{url}"
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if not host or " " in host or ("." not in host and host != "localhost"):
        return None
    named = _ascii(host.lower().rstrip(".")).removeprefix("www.")
    return named if port is None or str(port) in _PORTS else f"{named}:{port}"


def _ascii(host: str) -> str:
    """Return an internationalised host in the form in which browsers report it."""
    try:
        return host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError:
        return host


@lru_cache(maxsize=65536)
def address_key(url: str) -> str:
    """Return what two spellings of one address have in common.

    The host in lower case without ``www.`` and standard port, the path with escapes brought to one form and without a
    closing slash or default page (``index.html``), the query, and a fragment only where it is a route (``#/home``).
    Scheme and other fragments do not count. What is no web address is its own key.
    """
    host = host_of(url)
    if host is None:
        return url.strip()
    try:
        parts = urlsplit(url if "//" in url else f"//{url}")
    except ValueError:
        return url.strip()
    query = f"?{parts.query}" if parts.query else ""
    route = f"#{parts.fragment}" if _HASH_ROUTE.match(parts.fragment) else ""
    return f"{host}{_path(parts.path)}{query}{route}"


def _path(path: str) -> str:
    plain = quote(unquote(path), safe="/:@!$&'()*+,;=~-._")
    return _DEFAULT_PAGE.sub("", plain).rstrip("/")


def same_address(first: str | None, second: str | None) -> bool:
    """Say whether two texts are spellings of one address.

    Case of the host, ``http`` or ``https``, ``www.``, a standard port, a closing slash, a default page and a fragment
    that is no route make no difference.

    Examples
    --------
    >>> same_address("http://WWW.a.example.vn:80", "https://a.example.vn/#top")
    True
    >>> same_address("https://a.example.vn/form", "https://a.example.vn/login")
    False
    """
    if first is None or second is None:
        return first is second
    return address_key(first) == address_key(second)


def root_of(url: str | None) -> str | None:
    """Return scheme and host of an address."""
    if not url or "//" not in url or host_of(url) is None:
        return None
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/"


def scheme_of(url: str | None) -> str | None:
    """Return the scheme of an address in lower case, None if it names none."""
    found = _SCHEME.match(url or "")
    return found.group(1).lower() if found else None


def same_site(first: str, second: str) -> bool:
    """Say whether two hosts are of one site: equal, or one below the other (``m.a.gov.vn`` and ``a.gov.vn``)."""
    shorter, longer = sorted((first.split(":")[0], second.split(":")[0]), key=len)
    return shorter == longer or (longer.endswith("." + shorter) and not _is_public(shorter))


def _is_public(host: str) -> bool:
    labels = host.split(".")
    return len(labels) < 2 or (len(labels) == 2 and labels[0] in _PUBLIC and len(labels[1]) == 2)


def moved_within(requested: str, final: str) -> bool:
    """Say whether an address on the same site is another page than the one asked for.

    A home page may forward to its first page, and a page to its own version in a language
    (``/form`` → ``/vi/form``); a change of the query alone is no other page.
    """
    asked, got = (address_key(one).split("?")[0].split("#")[0] for one in (requested, final))
    path, other = (one.partition("/")[2] for one in (asked, got))
    routed = "#" in address_key(requested) and address_key(requested) != address_key(final)
    if routed:
        return True
    return bool(path) and path != other and not other.endswith("/" + path) and not path.endswith("/" + other)


# ------------------------------------------------------------------------------------------------ whose


@dataclass(frozen=True)
class _Place:
    """Where a portal is: a host and the path below which its pages are."""

    portal: str
    host: str
    path: tuple[str, ...]


class Portals:
    """The portals a researcher named, found by address. A class, for the lookup is built once and used per page.

    Parameters
    ----------
    table : DataFrame, optional
        With ``portal_id`` and, for what tools judged, ``url``. A portal may have several rows with an address
        each; two portals may share a host if their addresses differ in the path.

    Raises
    ------
    ReaderError
        If ``portal_id`` is missing, or two rows claim one address.
    """

    def __init__(self, table: pd.DataFrame | None = None) -> None:
        self.given = table is not None
        self._places: dict[str, list[_Place]] = {}
        if table is None:
            return
        if "portal_id" not in table.columns:
            found = f"there is no column 'portal_id' in {list(table.columns)}"
            raise reader_error([Fault("portals", None, found, "give portal_id, and url or names")])
        if "url" in table.columns:
            self._fill(zip(table["portal_id"], table["url"], strict=True))

    def _fill(self, named: Iterable[tuple[object, object]]) -> None:
        owners: dict[str, tuple[str, int]] = {}
        faults = []
        for line, (portal, url) in enumerate(named, start=1):
            host = host_of(url) if isinstance(url, str) else None
            if host is None:
                continue
            key = address_key(str(url))
            owner, first = owners.setdefault(key, (str(portal), line))
            if first != line:
                found = f"rows {first} and {line} give one address, {url!r}, to {owner!r} and {portal!r}"
                faults.append(Fault("portals", line, found, "give each portal its own address"))
            place = _Place(str(portal), host, _segments(str(url)))
            self._places.setdefault(host, []).append(place)
        if faults:
            raise reader_error(faults)

    def of(self, url: str | None) -> str | None:
        """Return the portal of an address: the one with the longest path that the address begins with.

        A host with one portal is wholly that portal's.
        """
        host = host_of(url)
        places = self._places.get(host or "", [])
        if len({place.portal for place in places}) == 1:
            return places[0].portal
        path = _segments(str(url))
        fits = [place for place in places if path[: len(place.path)] == place.path]
        return max(fits, key=lambda place: len(place.path)).portal if fits else None

    def hosts(self, portal: str) -> Sequence[str]:
        """Return the hosts of a portal."""
        return [place.host for places in self._places.values() for place in places if place.portal == portal]


def _segments(url: str) -> tuple[str, ...]:
    key = address_key(url).split("?")[0].split("#")[0]
    return tuple(key.split("/")[1:])
