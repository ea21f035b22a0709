"""How a good file is spoilt: bytes, text, values of JSON, parts of a zip archive. A number gives one file always."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

TOKENS = [
    *(
        "",
        " ",
        "0",
        "-1",
        "1e999",
        "-0.0",
        "9" * 25,
        "9" * 400,
        "1" * 5000,
        "NaN",
        "null",
        "true",
        "inf",
        "1,5",
        "0x1F",
    ),
    *(
        "\x00",
        "\ufeff",
        "\ud800",
        "\u202e",
        "\u0301" * 50,
        "\r",
        "\n",
        "\t",
        ",",
        ";",
        '"',
        "'",
        '""',
        "\\",
        "\\u0000",
        "|",
    ),
    *(
        "=1+1",
        "@SUM(A1)",
        "../../etc/passwd",
        "a\x00b",
        "/dev/zero",
        "x" * 5000,
        "(a+)+$",
        "[",
        "]" * 40,
        "{" * 40,
        "(?P<a>",
    ),
    *(
        "2024-13-45",
        "0000-00-00",
        "9999-12-31T23:59:59Z",
        "31/12/99999",
        "24:61",
        "https://",
        "http://[::1",
        "mailto:x",
        "%s",
    ),
    *(
        "Đạt",
        "không",
        "met",
        "portal",
        "Hà Nội",
        "w",
        "survey",
        "audit",
        "name",
        "value",
        "https://a.vn",
        "wcag111",
        "<!DOCTYPE a>",
    ),
    *(
        "</c>",
        "<row r='1048576'/>",
        "&amp;",
        "&x;",
        "A1:XFD1048576",
        "1048576",
        "65536",
        "2147483648",
        "-2147483649",
    ),
]
VALUES: list[Any] = [
    *(
        None,
        True,
        False,
        0,
        1,
        -1,
        3.5,
        1e308,
        -1e-300,
        10**17,
        10**30,
        "",
        "a",
        [],
        {},
        [None],
        [[]],
        {"a": None},
        {"": {}},
    ),
    *(
        [{}],
        [1, "a"],
        {"value": 1},
        {"name": "x"},
        [{"name": ""}],
        ["x"] * 3,
        {"a": {"b": {"c": [1]}}},
        "é" * 400,
        float("nan"),
    ),
]


def spoilt(content: bytes, how: str, random: Random) -> bytes:
    """Return the content after one to four changes of its kind, sometimes of bytes whatever its kind."""
    change = CHANGES["bytes" if random.random() < 0.1 else how]
    for _ in range(random.choice((1, 1, 1, 2, 2, 3, 4))):
        content = change(content, random)
    return content


def in_bytes(content: bytes, random: Random) -> bytes:
    if not content:
        return random.randbytes(random.randrange(20))
    start = random.randrange(len(content))
    end = min(len(content), start + random.choice((1, 1, 2, 4, 8, 64, 500)))
    part = content[start:end]
    put = random.choice(
        (
            lambda: bytes([part[0] ^ 1 << random.randrange(8)]) + part[1:],
            lambda: random.randbytes(len(part)),
            lambda: b"",
            lambda: part * 2,
            lambda: (
                random.choice(
                    (b"\x00", b"\xff", b"\x7f\xff\xff\xff", b"\xff\xff\xff\xff", b"\x00\x00\x00\x80")
                )
                + part
            ),
            lambda: _bytes_of(random.choice(TOKENS)) + part,
        )
    )
    if random.random() < 0.06:
        return content[:start]
    return content[:start] + put() + content[end:]


def _bytes_of(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def in_text(content: bytes, random: Random) -> bytes:
    """Change lines, or words between marks."""
    text = content.decode("utf-8", "surrogateescape")
    lines = text.split("\n")
    place = random.randrange(len(lines))
    what = random.randrange(10)
    if what == 0:
        del lines[place]
    elif what == 1:
        lines.insert(place, lines[random.randrange(len(lines))])
    elif what == 2:
        other = random.randrange(len(lines))
        lines[place], lines[other] = lines[other], lines[place]
    elif what == 3:
        lines[place] = lines[place].replace(random.choice(',;=."'), random.choice(TOKENS))
    else:
        lines[place] = _another_word(lines[place], random)
    return _bytes_safely("\n".join(lines))


def _bytes_safely(text: str) -> bytes:
    return (
        text.encode("utf-8", "surrogateescape") if not _lone(text) else text.encode("utf-8", "surrogatepass")
    )


def _lone(text: str) -> bool:
    try:
        text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return True
    return False


def _another_word(line: str, random: Random) -> str:
    mark = random.choice((",", ",", ";", " ", "=", '"'))
    words = line.split(mark)
    words[random.randrange(len(words))] = random.choice(TOKENS)
    return mark.join(words)


def in_json(content: bytes, random: Random) -> bytes:
    """Change a value somewhere in a document: another value, none, twice, one level deeper, another name."""
    try:
        value = json.loads(content)
    except ValueError:
        return in_text(content, random)
    places = list(_places(value))
    if not places:
        return in_text(content, random)
    for _ in range(random.choice((1, 1, 2))):
        holder, key = random.choice(places)
        try:
            _change(holder, key, random)
        except (KeyError, IndexError):
            continue
    try:
        return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")
    except (ValueError, RecursionError):
        return content


def _change(holder: Any, key: Any, random: Random) -> None:
    what = random.randrange(9)
    if what == 0:
        del holder[key]
    elif what == 1 and isinstance(holder, list):
        holder.append(holder[key])
    elif what == 1:
        holder[random.choice(TOKENS)] = holder.pop(key)
    elif what == 2:
        for _ in range(random.choice((1, 3, 90))):
            holder[key] = [holder[key]] if random.random() < 0.5 else {"a": holder[key]}
    elif what <= 4:
        holder[key] = random.choice(TOKENS)
    else:
        holder[key] = random.choice(VALUES)


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inside:
        yield value, key
        yield from _places(one)


def in_zip(content: bytes, random: Random) -> bytes:
    """Change one part of an archive, so that the rest of it stays whole."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = {one.filename: archive.read(one) for one in archive.infolist()}
    except Exception:  # spoilt already
        return in_bytes(content, random)
    if not parts:
        return in_bytes(content, random)
    name = random.choice(sorted(parts))
    what = random.randrange(8)
    if what == 0:
        del parts[name]
    elif what == 1:
        parts[name] = in_bytes(parts[name], random)
    else:
        parts[name] = _in_markup(parts[name], random)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for one, text in parts.items():
            archive.writestr(one, text)
    return packed.getvalue()


def _in_markup(content: bytes, random: Random) -> bytes:
    text = content.decode("utf-8", "surrogateescape")
    pieces = text.split(random.choice(('"', ">", "<")))
    if len(pieces) < 3:
        return in_text(content, random)
    mark = text[len(pieces[0])]
    place = random.randrange(1, len(pieces) - 1)
    what = random.randrange(4)
    if what == 0:
        del pieces[place]
    elif what == 1:
        pieces[place] = pieces[random.randrange(len(pieces))]
    elif what == 2:
        pieces.insert(place, pieces[place])
    else:
        pieces[place] = random.choice(TOKENS)
    return _bytes_safely(mark.join(pieces))


CHANGES: dict[str, Callable[[bytes, Random], bytes]] = {
    "bytes": in_bytes,
    "text": in_text,
    "json": in_json,
    "zip": in_zip,
}
