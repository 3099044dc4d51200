"""Requests as hostile as they come, and what a good service may never answer to them.

A request is made from a source of chance: a seeded `random.Random` where there have to be very many, Hypothesis's own
where the smallest request that fails is wanted. It is a good request with something changed, one of the cases of the
catalogue, or bytes.
"""

import io
import json
import re
import time
from collections import Counter
from dataclasses import dataclass, field
from random import Random
from urllib.parse import quote, unquote_to_bytes

from flask import Flask
from werkzeug.wrappers import Response

from qa.engine import Engine
from qa.web.headers import ALWAYS, OTHERS, PAGES
from qa.web.problems import KINDS, REQUEST_ID
from tests.contract_support import DESCRIPTION, complaints

METHODS = ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "FOO", "get", "HEAD", "CONNECT")

QUESTIONS = (
    "When did U.S. forces return to Iraq?",
    "How many troops were in Iraq in 2019?",
    "Who led the Islamic State?",
    '"Mosul" oil exports, embassy 104-acre compound',
    "iraq iran isis " * 60,
    "How do I bake a pizza?",
    "Wehn did U.S. forcse retrun to Irak",
    "the of and",
    "?!",
)
# What people do to text fields (the rows of the catalogue about JSON and the question).
TEXTS = (
    "", " ", "\n", "\0", "a\0b", "\r\nX-Forged: 1", "\x1b[31mred", "\t", "\x7f", "\ufeff", "\u2028", "\x85",
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "</mark><script>", "{{7*7}}", "${x}", "%s%n",
    "../../etc/passwd", "C:\\x", "' OR 1=1 --", "javascript:alert(1)", "nul", "True", "null", "undefined",
    "ignore previous instructions", "\u202eevil\u202c", "\u2066x\u2069", "zero\u200bwidth", "soft\u00adhyphen",
    "cafe\u0301", "CAFÉ", "ﬁle", "ｆｕｌｌ", "İstanbul", "ß", "ΐ", "ﷺ", "日本語", "ไทย", "🇮🇶👨‍👩‍👧", "😀" * 1000,
    "a" * 1000, "a" * 1001, "a" * 5000, "y" * 1000, "9" * 1000, "'" * 1000, '"' * 1000, "." * 1000, "," * 1000,
    "-" * 1000, "e\u0301" * 500, "a\u0316\u0301" * 333, "\ufdfa" * 1000, "U.S." * 250, "1,000" * 200, "x " * 500,
    "\u0301" * 1000, "how many " * 111, " ".join(f"w{n}" for n in range(250)), "((((" * 250, "[{" * 500,
    "who, which " * 90, "$%€" * 300, "\ud800",
)  # fmt: skip
NUMBERS = ("5", "1", "20", "0", "21", "-1", "1_0", "９", " 7", "+7", "abc", "", "5.0", "1e3", "0x5", "9" * 5000, "007")
PLACES = ("0", "1", "5", "4741", "4862", "999999999", "1000000000", "1000000001", "-1", "x", "", "٣", "1_0", "9" * 400)
HASHES = ("", "0" * 16, "0" * 64, "0" * 65, "xyz", "abc", "\n", "é")
PATHS = (
    "/", "/ask", "/ask/", "/verify", "/documents", "/documents/", "/healthz", "/readyz", "/metrics", "/reload",
    "/openapi.json", "/favicon.ico", "/static/style.css", "/static/app.js", "/static/nope", "/static/../server.py",
    "/static/%2e%2e/x", "//evil.example/", "/\\evil.example", "/.git/config", "/nope", "/%00", "/%ff", "/%", "/%zz",
    "*", "/documents//etc/passwd", "/documents/..%2f..%2f..%2fetc%2fpasswd", "/documents/a%00b", "/documents/%ff",
    "/documents/%5c..%5c", "/documents/" + "a" * 5000, "/documents/%3Cimg%20src=x%3E", "/citations/", "/citations/nope",
    "/citations/%ff", "/problems/", "/problems/nope", "/problems/%0d%0aX:1", "/é", "/" + "x" * 17000, "/" * 300,
)  # fmt: skip
PROBLEM_PATHS = tuple(f"/problems/{code}" for code in KINDS)
TYPES = (
    "application/json", "application/json; charset=utf-8", "application/json; charset=utf-7", "text/plain", "", "x",
    "application/ld+json", "application/x-www-form-urlencoded", "multipart/form-data", "APPLICATION/JSON", ";;;",
    "multipart/form-data; boundary=x", "application/json; charset=\"", "é/é", "text/" + "x" * 3000,
)  # fmt: skip
ACCEPTS = (
    "text/html", "application/json", "text/plain", "*/*", "text/*;q=0.1, */*;q=0", "image/png", "garbage", ";;;,q=",
    "text/html;q=0", "text/html;q=nan", "application/problem+json", "application/ld+json", "a/b," * 900,
    "text/html;q=1e9", 'application/ld+json; profile="http://www.w3.org/ns/anno.jsonld"', "text/markdown", "\xff", "*",
    "/", "text/",
)  # fmt: skip
HEADERS = (
    ("Host", "localhost"), ("Host", "[::1]:5000"), ("Host", "evil.example"), ("Host", "a, b"), ("Host", ""),
    ("Host", "127.0.0.1:8000"), ("Host", "a" * 300), ("Host", "[::1"), ("Host", "localhost:99999"),
    ("X-Request-ID", "my.id-1"), ("X-Request-ID", "a b"), ("X-Request-ID", "x" * 65), ("X-Request-ID", "\xe9"),
    ("Content-Encoding", "gzip"), ("Content-Encoding", "identity"), ("Transfer-Encoding", "chunked"),
    ("Content-Length", "100000000000000000000"), ("Content-Length", "-1"), ("Content-Length", "abc"),
    ("Content-Length", "2000000000"), ("Content-Length", "0"), ("Content-Length", "1_0"), ("Content-Length", "٣"),
    ("If-None-Match", "*"), ("If-None-Match", '"x"'), ("If-None-Match", 'W/"' + "x" * 500), ("If-Match", '"x"'),
    ("If-Modified-Since", "Sat, 01 Jan 2050 00:00:00 GMT"), ("If-Modified-Since", "garbage"), ("If-Range", '"x"'),
    ("Range", "bytes=0-1"), ("Range", "bytes=-1"), ("Range", "bytes=9-1,x"), ("Cookie", "session=x; a=" + "b" * 99),
    ("X-Forwarded-For", "1.2.3.4"), ("X-Forwarded-Host", "evil.example"), ("X-Forwarded-Proto", "gopher"),
    ("X-Forwarded-Prefix", "/x"), ("Forwarded", "for=1.2.3.4;host=evil.example"), ("Origin", "https://evil.example"),
    ("Access-Control-Request-Method", "POST"), ("Authorization", "Basic !!!"), ("Authorization", "Bearer \xff"),
    ("Authorization", "Basic OmtleQ=="), ("Authorization", "Digest x=1"), ("Expect", "nonsense"), ("Upgrade", "h2c"),
    ("X-HTTP-Method-Override", "DELETE"), ("Accept-Language", "*"), ("Accept-Charset", "utf-7"), ("TE", "trailers"),
    ("Referer", "javascript:x"), ("User-Agent", "\x1b[31m{{7*7}}"), ("Accept-Encoding", "gzip, br;q=nan"),
)  # fmt: skip
BODIES = (
    b"", b"{", b"}", b"[", b"null", b"[]", b'"a"', b"1", b"true", b"{}", b"[" * 30_000, b'{"a":' * 9_000, b"{,}", b"\0",
    b'{"question": NaN}', b'{"top_k": -Infinity, "question": "a"}', b'{"question": "a", "question": "b"}', b'"caf\xe9"',
    b'{"question": "a", "top_k": ' + b"9" * 5000 + b"}", b'{"question": "a", "top_k": 1e400}', b"a&" * 30_000,
    b'{"question": "\\ud800"}', b'{"question": "\\u0000"}', b'\xef\xbb\xbf{"question": "Iraq"}', b"\x1f\x8b\x08\0",
    '{"question": "a"}'.encode("utf-16"), b'{"question": "' + b"a" * 70_000 + b'"}', b" " * 65_537, b"--x\r\n" * 1200,
    b'--x\r\nContent-Disposition: form-data; name="question"\r\n\r\nIraq\r\n--x--\r\n', b"question=Iraq&top_k=5",
    b'{"citations": [' + b"{}," * 250 + b"{}]}", b'{"passages": [{"citation": null}]}', b'{"document_id": []}',
)  # fmt: skip
VALUES = (
    None, True, False, 0, 1, 5, 5.0, 5.5, -1, 20, 21, 10**9, 10**9 + 1, 10**19, 1e300, "5", "", [], {}, [[]], ["nope"],
    {"question": "a"}, "a" * 2000, ["a" * 9000], "\ud800",
)  # fmt: skip
REMARKS = ("page", "Question", "top_k ", "__proto__", "\ud800", "a\0", "x" * 500)

# Routes by the shape of their address, so that each response is held against the description of its own.
ROUTES = tuple(
    (re.compile(re.sub(r"\\{\w+\\}", "(?s:.+)", re.escape(path))), path, item)
    for path, item in sorted(DESCRIPTION["paths"].items())
)


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it stands on the wire, but for the line ends."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


@dataclass(slots=True)
class Report:
    """What became of many requests: the count of each status, the slowest that was accepted, and what was wrong."""

    by_status: Counter[int] = field(default_factory=Counter)
    slowest_ms: float = 0.0
    slowest: Request | None = None
    faults: list[tuple[Request, list[str]]] = field(default_factory=list)


def fuzz(app: Flask, engine: Engine, chance: Random, n_requests: int) -> Report:
    """Sends so many requests to `app`, which answers from `engine`."""
    report = Report()
    documents = tuple(document.id for document in engine.corpus.documents)
    for _ in range(n_requests):
        request = any_request(chance, documents)
        response, took_ms = answer(app, request)
        report.by_status[response.status_code] += 1
        if response.status_code == 200 and took_ms > report.slowest_ms:
            report.slowest_ms, report.slowest = took_ms, request
        faults = faults_of(request, response, engine)
        if faults:
            report.faults.append((request, faults))
    return report


def answer(app: Flask, request: Request) -> tuple[Response, float]:
    """What `app` answers, and the milliseconds it took; no server in between."""
    environ = environ_of(request)
    began = time.perf_counter()
    started = []
    body = app(environ, lambda status, headers, error=None: started.append((status, headers)))
    try:
        data = b"".join(body)
    finally:
        if hasattr(body, "close"):
            body.close()
    took_ms = (time.perf_counter() - began) * 1000
    return Response(data, *started[-1]), took_ms


def environ_of(request: Request) -> dict[str, object]:
    """The request as a WSGI server hands it over (PEP 3333): the path decoded, bytes as Latin-1."""
    path, _, query = request.target.partition("?")
    environ: dict[str, object] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path.encode("utf-8", "surrogatepass")).decode("latin-1"),
        "QUERY_STRING": query.encode("utf-8", "surrogatepass").decode("latin-1"),
        "REQUEST_URI": request.target.encode("utf-8", "surrogatepass").decode("latin-1"),
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_LENGTH": str(len(request.body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in request.headers:
        key = name.upper().replace("-", "_")
        key = key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"
        environ[key] = value.encode("utf-8", "surrogatepass").decode("latin-1")
    return environ


# Making requests


def any_request(chance: Random, documents: tuple[str, ...]) -> Request:
    """A request to a service of these documents."""
    kind = chance.randrange(8)
    if kind < 3:
        method, target, body = "GET", f"{chance.choice(('/', '/ask'))}?{query(chance, documents)}", b""
    elif kind < 5:
        method, target, body = "POST", "/ask", ask_body(chance, documents)
    elif kind == 5:
        method, target, body = "POST", "/verify", verify_body(chance, documents)
    else:
        method, target, body = "GET", path(chance, documents), b""
    if chance.randrange(10) == 0:
        method = chance.choice(METHODS)
    if chance.randrange(12) == 0:
        target += f"?{query(chance, documents)}"
    if chance.randrange(12) == 0:
        body = chance.choice(BODIES)
    return Request(method, target, headers(chance, body), body)


def headers(chance: Random, body: bytes) -> tuple[tuple[str, str], ...]:
    found = [("Host", "localhost")]
    if body:
        odd = chance.randrange(12) == 0
        found.append(("Content-Type", chance.choice(TYPES) if odd else "application/json"))
    if chance.randrange(3) == 0:
        found.append(("Accept", chance.choice(ACCEPTS)))
    if chance.randrange(6) == 0:
        found.append(chance.choice(HEADERS))
    return tuple(found)


def text(chance: Random) -> str:
    """A question, something hostile, both, or characters of any kind."""
    kind = chance.randrange(6)
    if kind < 2:
        return chance.choice(QUESTIONS)
    if kind < 4:
        return chance.choice(TEXTS)
    if kind == 4:
        words = chance.choice(QUESTIONS)
        place = chance.randrange(len(words))
        return (words[:place] + chance.choice(TEXTS)[:200] + words[place:])[:1000]
    planes = (0x7F, 0x7F, 0x24F, 0x2FFF, 0xFFFF, 0x10FFFF)
    return "".join(chr(chance.randrange(chance.choice(planes) + 1)) for _ in range(chance.randrange(12)))


def path(chance: Random, documents: tuple[str, ...]) -> str:
    kind = chance.randrange(5)
    if kind < 2:
        return chance.choice(PATHS)
    if kind == 2:
        return chance.choice(PROBLEM_PATHS)
    name = quote(chance.choice(documents) if chance.randrange(4) else text(chance), errors="replace")
    base = chance.choice(("/documents/", "/citations/"))
    return f"{base}{name}?{place_query(chance, documents)}"


def query(chance: Random, documents: tuple[str, ...]) -> str:
    pairs = [("question", text(chance))] if chance.randrange(10) else []
    if chance.randrange(3) == 0:
        pairs.append(("top_k", chance.choice(NUMBERS)))
    if chance.randrange(4) == 0:
        pairs.append(("documents", chance.choice(documents) if chance.randrange(4) else text(chance)))
    if chance.randrange(4) == 0:
        pairs.append(("explain", chance.choice(("true", "true", "false", "1", "", "TRUE"))))
    if chance.randrange(12) == 0:
        pairs.append((chance.choice(("x", "question", "top_k", "", "a b")), text(chance)))
    return encoded(chance, pairs)


def place_query(chance: Random, documents: tuple[str, ...]) -> str:
    pairs = [(name, chance.choice(PLACES)) for name in ("start", "end") if chance.randrange(8)]
    if chance.randrange(3) == 0:
        pairs.append(("sha256", chance.choice(HASHES)))
    if chance.randrange(3) == 0:
        pairs.append(("format", chance.choice(("text", "markdown", "bibtex", "csl", "annotation", "ris", "\0"))))
    if chance.randrange(3) == 0:
        pairs.append((chance.choice(("from", "lines", "cut", "question", "top_k")), chance.choice(("on", "5", "x"))))
    return encoded(chance, pairs)


def encoded(chance: Random, pairs: list[tuple[str, str]]) -> str:
    """The pairs as a query, mostly percent-encoded."""
    as_it_is = chance.randrange(12) == 0
    encode = str if as_it_is else lambda part: quote(part, errors="replace")
    found = "&".join(f"{encode(name)}={encode(value)}" for name, value in pairs)
    return found + chance.choice(("%ff", "&", "&&&=", "%", "%zz", "#x")) if chance.randrange(15) == 0 else found


def ask_body(chance: Random, documents: tuple[str, ...]) -> bytes:
    fields = {"question": text(chance), "top_k": chance.randrange(1, 21), "explain": bool(chance.randrange(2))}
    if chance.randrange(3) == 0:
        fields["documents"] = [chance.choice(documents)]
    return written(chance, changed(chance, fields))


def verify_body(chance: Random, documents: tuple[str, ...]) -> bytes:
    claims = [claim(chance, documents) for _ in range(chance.randrange(4))]
    kind = chance.randrange(4)
    if kind == 0:
        return written(chance, claim(chance, documents))
    if kind == 1:
        answered = {"passages": [{"citation": each} for each in claims], "answer": None, "disagreements": []}
        return written(chance, changed(chance, answered))
    return written(chance, changed(chance, {"citations": claims}))


def claim(chance: Random, documents: tuple[str, ...]) -> dict[str, object]:
    start = chance.randrange(9000)
    found = {
        "document_id": chance.choice(documents),
        "start": start,
        "end": start + chance.randrange(1, 400),
        "quote": text(chance),
    }
    if chance.randrange(3) == 0:
        found |= {"prefix": text(chance), "suffix": text(chance), "sha256": chance.choice(HASHES)}
    return changed(chance, found)


def changed(chance: Random, fields: dict[str, object]) -> dict[str, object]:
    """The fields as they are, or with one left out, of another kind, or added."""
    kind = chance.randrange(8)
    if kind > 2 or not fields:
        return fields
    name = chance.choice(list(fields))
    if kind == 0:
        return {key: value for key, value in fields.items() if key != name}
    return {**fields, (name if kind == 1 else chance.choice(REMARKS)): chance.choice(VALUES)}


def written(chance: Random, value: object) -> bytes:
    """JSON, now and then with a byte changed or cut short."""
    body = json.dumps(value, ensure_ascii=bool(chance.randrange(2))).encode("utf-8", "surrogatepass")
    kind = chance.randrange(24)
    place = chance.randrange(len(body))
    if kind == 0:
        return body[:place]
    if kind == 1:
        return body[:place] + bytes([chance.randrange(256)]) + body[place + 1 :]
    return body


# What may never be answered


def faults_of(request: Request, response: Response, engine: Engine) -> list[str]:
    """What is wrong with the response, in words; nothing when it is as it should be."""
    faults = [*_header_faults(request, response), *_body_faults(request, response)]
    if response.status_code >= 500 or response.status_code in (422, *range(300, 304), *range(305, 400)):
        faults.append(f"status {response.status_code}")
    if faults:
        return faults
    found = unquote_to_bytes(request.target.partition("?")[0].encode("utf-8", "surrogatepass")).decode(
        "utf-8", "replace"
    )
    for shape, route, item in ROUTES:
        if shape.fullmatch(found) and (request.method.lower() in item or (request.method == "HEAD" and "get" in item)):
            faults += complaints(response, route, request.method)
            if route == "/ask" and response.status_code == 200 and request.method != "HEAD":
                faults += _quote_faults(response, engine)
    return faults


def _header_faults(request: Request, response: Response) -> list[str]:
    faults = []
    is_page = response.mimetype == "text/html" or (
        response.status_code == 304 and "X-Frame-Options" in response.headers
    )
    for name, value in {**ALWAYS, **(PAGES if is_page else OTHERS)}.items():
        if response.headers.get(name) != value:
            faults.append(f"{name} is {response.headers.get(name)}")
    given = dict(request.headers).get("X-Request-ID", "")
    request_id = response.headers.get("X-Request-ID", "")
    if not REQUEST_ID.fullmatch(request_id) or (REQUEST_ID.fullmatch(given) and given != request_id):
        faults.append(f"X-Request-ID is {request_id!r}")
    if "Cache-Control" not in response.headers:
        faults.append("Cache-Control is missing")
    unwanted = ("Location", "Set-Cookie", "Server", "Access-Control-Allow-Origin")
    faults += [f"{name} is {response.headers[name]}" for name in unwanted if name in response.headers]
    if any("\r" in value or "\n" in value for value in response.headers.values()):
        faults.append("a header is split")
    return faults


def _body_faults(request: Request, response: Response) -> list[str]:
    """Whether the body is what Content-Type says: strict JSON, a page, text in UTF-8."""
    body, mimetype = response.get_data(), response.mimetype
    if request.method == "HEAD" or response.status_code == 304:
        return ["there is a body"] if body else []
    if response.headers.get("Content-Length") != str(len(body)):
        return [f"Content-Length is {response.headers.get('Content-Length')} for {len(body)} bytes"]
    if request.method == "OPTIONS" and response.status_code == 200:
        return [] if response.headers.get("Allow") else ["Allow is missing"]
    if mimetype in ("image/x-icon", "image/svg+xml"):
        return []
    try:
        written = body.decode("utf-8")
        if mimetype.endswith("json"):
            value = json.loads(written, parse_constant=_refuse)
            return _problem_faults(value, response) if mimetype == "application/problem+json" else []
    except ValueError as error:
        return [f"not {mimetype}: {error}"]
    if mimetype == "text/html":
        return (
            [] if written.startswith("<!doctype html>") and written.rstrip().endswith("</html>") else ["no whole page"]
        )
    return [] if mimetype.startswith("text/") or mimetype == "application/x-bibtex" else [f"Content-Type {mimetype}"]


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def _problem_faults(problem: dict[str, object], response: Response) -> list[str]:
    code = str(problem.get("code"))
    kind = KINDS[code]
    expected = {
        "type": f"/problems/{code}",
        "title": kind.title,
        "status": kind.status,
        "detail": problem.get("detail"),
        "code": code,
        "field": problem.get("field"),
        "request_id": response.headers.get("X-Request-ID"),
    }
    if problem != expected or kind.status != response.status_code:
        return [f"not the problem body: {problem}"]
    detail = str(problem["detail"])
    return [f"detail {detail[:200]!r}"] if not detail or "Traceback" in detail or len(detail) > 500 else []


def _quote_faults(response: Response, engine: Engine) -> list[str]:
    """Whether every quote of an answer is the slice of its document that it says."""
    body = json.loads(response.get_data())
    citations = [passage["citation"] for passage in body["passages"]]
    citations += [citation for each in body["disagreements"] for citation in each["citations"]]
    if body["answer"]:
        citations.append(body["answer"]["citation"])
    return [
        f"not the text of {citation['document_id']}: {citation['quote']!r}"
        for citation in citations
        if engine.document(citation["document_id"]).text[citation["start"] : citation["end"]] != citation["quote"]
    ]
