"""The options of the web edge: flags and variables in, a Config out.

A flag beats its variable, and a variable's value goes through the same check as the flag's. The two keys are variables
only, because everybody on the machine can read the flags of a process; their values are never shown.
"""

import argparse
import ipaddress
import math
import re
from collections.abc import Callable, Mapping
from typing import TypeVar

from qa.errors import QAError
from qa.flags import switch
from qa.web.config import MAX_WATCH_SECONDS, Config

T = TypeVar("T")

SECRETS = """\
QA_API_KEY asks every request but /healthz and /readyz for this key, as a Bearer token or as the password of HTTP Basic.
QA_ADMIN_TOKEN allows POST /reload to whoever brings it as a Bearer token.
These two are variables only: everybody on the machine can read the flags of a process."""

_NAME = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?")
_ORIGIN = re.compile(r"https?://(?:[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?")
_SECRET = re.compile(r"[!-~]+")


def add_edge_options(parser: argparse.ArgumentParser, environ: Mapping[str, str]) -> None:
    """Adds the options of the edge, whose defaults are QA_HOSTS and so on."""
    parser.add_argument(
        "--hosts",
        metavar="NAMES",
        type=_list_of(_host, "--hosts or QA_HOSTS"),
        default=environ.get("QA_HOSTS", ""),
        help="host names to answer to, beside localhost and addresses, with commas between [QA_HOSTS]",
    )
    parser.add_argument(
        "--cors-origins",
        metavar="ORIGINS",
        type=_list_of(_origin, "--cors-origins or QA_CORS_ORIGINS"),
        default=environ.get("QA_CORS_ORIGINS", ""),
        help="origins whose pages may read the answers, as https://example.org [QA_CORS_ORIGINS]",
    )
    parser.add_argument(
        "--trusted-proxies",
        metavar="NETWORKS",
        type=_list_of(_network, "--trusted-proxies or QA_TRUSTED_PROXIES"),
        default=environ.get("QA_TRUSTED_PROXIES", ""),
        help="addresses or networks of reverse proxies whose X-Forwarded headers hold [QA_TRUSTED_PROXIES]",
    )
    parser.add_argument(
        "--watch-seconds",
        metavar="SECONDS",
        type=_seconds,
        default=environ.get("QA_WATCH_SECONDS") or str(Config().watch_seconds),
        help="seconds between two looks at the folder for changes, 0 for none [QA_WATCH_SECONDS; 2]",
    )
    parser.add_argument(
        "--log-format",
        metavar="FORMAT",
        type=_log_format,
        default=environ.get("QA_LOG_FORMAT") or "json",
        help="json, or text for people [QA_LOG_FORMAT; json]",
    )
    log_questions = parser.add_argument(
        "--log-questions",
        action="store_true",
        default=environ.get("QA_LOG_QUESTIONS", ""),
        help="write the text of questions into the log [QA_LOG_QUESTIONS=1]",
    )
    # argparse checks a default that is a string, and only when the flag is not given.
    log_questions.type = switch("QA_LOG_QUESTIONS")


def config_from(options: argparse.Namespace, environ: Mapping[str, str], host: str = "localhost") -> Config:
    """The Config that the options and the keys of `environ` describe, for a server that listens on `host`.

    Raises QAError for a key that no client could send.
    """
    return Config(
        hosts=frozenset(options.hosts if _network(host) else (*options.hosts, host.lower())),
        api_key=_secret("QA_API_KEY", environ),
        admin_token=_secret("QA_ADMIN_TOKEN", environ),
        origins=frozenset(options.cors_origins),
        trusted_proxies=options.trusted_proxies,
        log_questions=options.log_questions,
        watch_seconds=options.watch_seconds,
    )


def _secret(name: str, environ: Mapping[str, str]) -> str:
    value = environ.get(name, "")
    if value and not _SECRET.fullmatch(value):
        raise QAError(f"{name} must be printable ASCII without blanks, and it holds something else; make another one")
    return value


def _list_of(read: Callable[[str], T | None], where: str) -> Callable[[str], tuple[T, ...]]:
    """Reads what stands between commas by `read`, which gives None for what it does not understand."""

    def read_all(text: str) -> tuple[T, ...]:
        found = []
        for part in filter(None, map(str.strip, text.split(","))):
            value = read(part)
            if value is None:
                raise argparse.ArgumentTypeError(f"{part!r} is {_WANTED[read]}; mend it in {where}")
            found.append(value)
        return tuple(found)

    return read_all


def _host(text: str) -> str | None:
    return text.lower() if _NAME.fullmatch(text.lower()) else None


def _origin(text: str) -> str | None:
    """The origin as a browser writes it: without the port that its scheme has anyway."""
    if not _ORIGIN.fullmatch(text.lower()):
        return None
    return re.sub(r"^(http:.*):80$|^(https:.*):443$", r"\1\2", text.lower())


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(text)
    except ValueError:
        return None


_WANTED: Mapping[Callable[[str], object], str] = {
    _host: "not a host name without a port, like answers.example.org",
    _origin: "not an origin without a path, like https://example.org",
    _network: "not an address or a network, like 10.0.0.1 or 10.0.0.0/8",
}


def _log_format(text: str) -> str:
    if text not in ("json", "text"):
        raise argparse.ArgumentTypeError(f"{text!r} is neither json nor text; mend it in --log-format or QA_LOG_FORMAT")
    return text


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds <= MAX_WATCH_SECONDS:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a number of seconds from 0 to {MAX_WATCH_SECONDS}; mend it in --watch-seconds or "
            "QA_WATCH_SECONDS"
        )
    return seconds
