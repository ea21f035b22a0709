"""Which spellings are one address, whose it is, and where a browser may end."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal_analysis.audit.coverage import coverage
from portal_analysis.audit.readers import ReaderError, ReaderWarning, read_audit
from portal_analysis.audit.readers.addresses import (
    Portals,
    address_key,
    moved_within,
    same_address,
    same_site,
)
from portal_analysis.audit.readers.arrival import arrived
from portal_analysis.audit.shares import shares

SAME = [
    "https://dvc.example.vn",
    "http://DVC.example.vn/",
    "https://www.dvc.example.vn:443/#top",
    "//dvc.example.vn/index.html",
    "dvc.example.vn",
]
OTHER = [
    "https://dvc.example.vn/a",
    "https://dvc.example.vn/?p=1",
    "https://dvc.example.vn/#/home",
    "https://m.dvc.example.vn/",
    "https://dvc.example.vn:8080/",
]


@pytest.mark.parametrize("text", SAME)
def test_spellings_of_one_address(text: str) -> None:
    assert same_address(SAME[0], text)
    assert not any(same_address(text, other) for other in OTHER)


def test_escapes_and_foreign_hosts_have_one_form() -> None:
    assert same_address("https://a.vn/t%C3%ACm", "https://a.vn/tìm/")
    assert same_address("https://bücher.example/", "http://xn--bcher-kva.example")
    assert address_key("Trang chủ") == "Trang chủ"
    assert not same_address(None, "https://a.vn")


@given(st.sampled_from(SAME), st.sampled_from(SAME + OTHER), st.sampled_from(SAME + OTHER))
def test_sameness_is_an_equivalence(one: str, two: str, three: str) -> None:
    assert same_address(one, one)
    assert same_address(one, two) == same_address(two, one)
    assert not (same_address(one, two) and same_address(two, three)) or same_address(one, three)


def test_pages_spelled_otherwise_are_one_page(put: Any, read: Any, axe_result: Any) -> None:
    put("a.json", {**axe_result, "url": "http://DVC.example.vn/x/"})
    put("b.json", {"documentTitle": "T", "pageUrl": "https://www.dvc.example.vn/x", "issues": []})
    folder = put("m.csv", "portal,wcag:1.2.2,page\ndvc.example.vn,x,https://dvc.example.vn/x\n").parent
    audit = read(folder)
    assert len(audit.pages) == 1


# ------------------------------------------------------------------------------------------------ whose


def test_portals_on_one_host_are_told_apart_by_path() -> None:
    table = pd.DataFrame(
        {
            "portal_id": ["hue", "lao-cai", "hue"],
            "url": ["https://dvc.gov.vn/hue", "dvc.gov.vn/lao-cai/", "https://hue.gov.vn/"],
        }
    )
    for rows in (table, table.iloc[::-1]):
        portals = Portals(rows)
        assert portals.of("https://www.dvc.gov.vn/hue/tra-cuu?x=1") == "hue"
        assert portals.of("http://dvc.gov.vn/lao-cai") == "lao-cai"
        assert portals.of("https://dvc.gov.vn/hue-city") is None
        assert portals.of("https://hue.gov.vn/anything") == "hue"
        assert set(portals.hosts("hue")) == {"dvc.gov.vn", "hue.gov.vn"}


def test_an_address_that_no_portal_has_is_a_portal_of_its_own(put: Any, read: Any, axe_result: Any) -> None:
    portals = pd.DataFrame(
        {"portal_id": ["a", "b"], "url": ["https://h.example.vn/a", "https://h.example.vn/b"]}
    )
    put("1.json", {**axe_result, "url": "https://h.example.vn/b/x"})
    folder = put("2.json", {**axe_result, "url": "https://h.example.vn/c"}).parent
    audit = read(folder, portals=portals)
    assert audit.portal_ids() == ["a", "b", "h.example.vn"]
    table = shares(audit, at_least="good").set_index("indicator")
    assert table.loc["wcag:1.1.1", ["base", "no_record"]].tolist() == [2, 1]


def test_one_address_of_two_portals_is_a_fault(put: Any, axe_result: Any, read: Any) -> None:
    portals = pd.DataFrame(
        {"portal_id": ["a", "b"], "url": ["https://h.example.vn/x", "http://H.example.vn/x/"]}
    )
    with pytest.raises(ReaderError, match="rows 1 and 2 give one address"):
        read(put("1.json", axe_result), portals=portals)


# ------------------------------------------------------------------------------------------- where to


@pytest.mark.parametrize(
    ("requested", "final", "status"),
    [
        ("https://a.vn/form", "https://a.vn/dang-nhap?next=form", "login"),
        ("https://a.vn/form", "https://sso.gov.vn/x", "login"),
        ("https://a.vn/form", "https://a.vn/#/login", "login"),
        ("https://a.vn/form", "https://a.vn/trang-chu", "redirected"),
        ("https://a.vn/#/a", "https://a.vn/", "redirected"),
        ("https://dvc.hue.gov.vn/", "https://dvc.gov.vn/", "off_site"),
        ("https://a.vn/", "chrome-error://chromewebdata/", "browser_error"),
        ("https://a.vn/", "https://a.vn/cdn-cgi/challenge-platform/h", "blocked"),
        ("https://a.vn/login", "http://www.a.vn/login/", None),
        ("https://a.vn/login", "https://a.vn/vi/login", None),
        ("http://a.vn", "https://www.a.vn/?lang=vi#x", None),
        ("https://a.vn/", "https://a.vn/vi/trang-chu", None),
        ("https://a.vn/form", "https://a.vn/vi/form", None),
        ("https://a.gov.vn/", "https://m.a.gov.vn/", None),
        ("https://a.vn/x", None, None),
    ],
)
def test_where_a_browser_ends(requested: str, final: str | None, status: str | None) -> None:
    found = arrived(requested, final, None, None)
    assert (found and found[0]) == status


@pytest.mark.parametrize(
    ("code", "title", "status"),
    [
        (404, None, "error"),
        (503, None, "error"),
        (403, None, "blocked"),
        (401, None, "login"),
        (200, "Just a moment...", "blocked"),
        (None, "Đăng nhập - Cổng dịch vụ công", "login"),
        (None, "404 Not Found", "error"),
        (200, "Cổng dịch vụ công", None),
        (200, "Tra cứu đăng nhập", None),
    ],
)
def test_codes_and_titles(code: int | None, title: str | None, status: str | None) -> None:
    found = arrived("https://a.vn/x", None, code, title)
    assert (found and found[0]) == status


def test_a_log_in_is_known_by_its_title_where_no_address_was_asked_for() -> None:
    assert arrived(None, None, 200, "Đăng nhập") == ("login", "the page was titled 'Đăng nhập'")
    assert arrived("https://[a.vn/login", None, 200, "Login") == ("login", "the page was titled 'Login'")
    assert arrived("https://a.vn/login", None, 200, "Login") is None


def test_sites_and_moves() -> None:
    assert not same_site("a.gov.vn", "gov.vn")
    assert same_site("dvc.hue.gov.vn", "hue.gov.vn")
    assert not moved_within("https://a.vn/", "https://a.vn/x")


def test_pa11y_tells_a_log_in_by_its_title_and_coverage_counts_it(put: Any) -> None:
    page = {"documentTitle": "Đăng nhập", "pageUrl": "https://a.example.vn/nop-ho-so", "issues": []}
    put("a.json", page)
    folder = put("b.json", {**page, "pageUrl": "https://b.example.vn/", "documentTitle": "Trang chủ"}).parent
    with pytest.warns(ReaderWarning, match="not of the page that was meant") as said:
        audit = read_audit(folder)
    assert said[0].message.table["file"].tolist() == ["a.json"]  # type: ignore[union-attr]
    table = coverage(audit, by=[], of="runs").iloc[0]
    assert table[["count", "base", "ok", "login", "error"]].tolist() == [1, 2, 1, 1, 0]


def test_a_manifest_says_what_an_axe_result_was_asked_for(put: Any, axe_result: Any, read: Any) -> None:
    """axe knows the final address only: three pages behind an account must not count as three log-in pages."""
    for name in ("pay", "form"):
        put(f"{name}.json", {**axe_result, "url": "https://a.example.vn/login"})
    folder = put(
        "manifest.csv",
        "file,url\npay.json,https://a.example.vn/pay\nform.json,https://a.example.vn/form\n",
    ).parent
    audit = read(folder)
    assert audit.runs["status"].astype(object).tolist() == ["login", "login"]
    assert len(audit.judgements) == 0


def test_a_manifest_tells_two_pages_of_one_file_apart(put: Any, axe_result: Any, read: Any) -> None:
    urls = ["https://a.example.vn/", "https://a.example.vn/b"]
    path = put("a.json", [{**axe_result, "url": url} for url in urls])
    said = {"file": ["a.json"] * 2, "url": urls[::-1], "portal_id": ["second", "first"]}
    audit = read(path, manifest=pd.DataFrame(said))
    runs = audit.runs.astype(object).set_index("requested_url")["portal_id"]
    assert runs.to_dict() == dict(zip(urls, ["first", "second"], strict=True))


def test_a_manifest_finds_its_rows_in_any_spelling(put: Any, axe_result: Any, read: Any) -> None:
    path = put("a.json", {**axe_result, "url": "https://dvc.example.vn/"})
    rows = {"url": ["http://WWW.dvc.example.vn"], "http_status": [500], "portal_id": ["P1"]}
    audit = read(path, manifest=pd.DataFrame(rows))
    assert audit.runs[["portal_id", "status"]].astype(object).to_numpy().tolist() == [["P1", "error"]]
    twice = pd.DataFrame({"url": ["https://a.vn", "https://a.vn/"], "http_status": [200, 404]})
    with pytest.raises(ReaderError, match="a second row about"):
        read(path, manifest=twice)
