"""Whether a tool saw the page that was meant, or a browser's error, another site, a log-in or a block page.

Hands on a status of the run and why; the words by which such pages are known stand in ``words.toml``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from urllib.parse import urlsplit

from portal_analysis.audit.readers.addresses import host_of, moved_within, same_address, same_site, scheme_of
from portal_analysis.audit.readers.vocabulary import vocabulary

BLOCKED_CODES = (403, 429, 451)
LOGIN_CODES = (401, 407, 511)
"""HTTP answers that ask who is there; all other codes from 400 are an ``error``."""


@cache
def _patterns(kind: str) -> re.Pattern[str]:
    words = vocabulary()["pages"][kind]
    return re.compile("|".join(f"(?:{word})" for word in words), re.IGNORECASE)


def arrived(
    requested: str | None,
    final: str | None,
    http_status: int | None,
    title: str | None,
    hosts: Sequence[str] = (),
) -> tuple[str, str] | None:
    """Return the status of a run that did not see the page that was meant, and why; None if nothing says so.

    Parameters
    ----------
    requested, final : str, optional
        The address asked for, and the one at which the browser ended.
    http_status : int, optional
        What the server answered.
    title : str, optional
        Title of the page that was seen.
    hosts : sequence of str
        Further hosts of the portal.

    Returns
    -------
    tuple of str, or None
        ``browser_error``, ``login``, ``blocked``, ``off_site``, ``redirected`` or ``error``, and a sentence.
    """
    seen = final or requested
    return (
        _by_browser(seen)
        or _by_code(http_status)
        or _by_title(title, requested)
        or _by_address(requested, final, hosts)
    )


def _by_browser(seen: str | None) -> tuple[str, str] | None:
    if scheme_of(seen) in ("chrome-error", "edge-error", "about", "chrome") and "://newtab" not in str(seen):
        return "browser_error", f"the browser showed its own page, {seen}"
    return None


def _by_code(status: int | None) -> tuple[str, str] | None:
    if status is None or status < 400:
        return None
    kind = "blocked" if status in BLOCKED_CODES else "login" if status in LOGIN_CODES else "error"
    return kind, f"HTTP {status}: the page judged was an error page"


def _by_title(title: str | None, requested: str | None) -> tuple[str, str] | None:
    if not title:
        return None
    shown = f"the page was titled {title.strip()[:80]!r}"
    for kind, status in (("blocked_titles", "blocked"), ("error_titles", "error")):
        if _patterns(kind).match(title.strip()):
            return status, shown
    if _patterns("login_titles").match(title.strip()) and not _is_login(requested):
        return "login", shown
    return None


def _by_address(requested: str | None, final: str | None, hosts: Sequence[str]) -> tuple[str, str] | None:
    asked, got = host_of(requested), host_of(final)
    if requested is None or final is None or asked is None or got is None or same_address(requested, final):
        return None
    shown = f"{requested} led to {final}"
    if _patterns("blocked_addresses").search(final):
        return "blocked", shown
    if _is_login(final) and not _is_login(requested):
        return "login", shown
    if got not in hosts and not any(same_site(one, got) for one in (asked, *hosts)):
        return "off_site", shown
    return ("redirected", shown) if moved_within(requested, final) else None


def _is_login(url: str | None) -> bool:
    """Tell whether an address looks like that of a log-in page, by its host or by a part of its path."""
    if not url:
        return False
    try:
        parts = urlsplit(url if "//" in url else f"//{url}")
    except ValueError:
        return False
    host = _patterns("login_hosts").match((parts.hostname or "").lower())
    route = parts.fragment if parts.fragment[:1] in ("/", "!") else ""
    names = [one for one in re.split(r"[/.!]", f"{parts.path}/{route}") if one]
    return bool(host) or any(_patterns("login_paths").fullmatch(one) for one in names)
