"""Every limit and switch of the web edge with its unit, its default and the reason for it.

Nothing here reads the environment: `qa.web.options` turns flags and variables into a Config. A Config never changes,
and neither key ever appears in its text.
"""

from dataclasses import dataclass, field, fields
from ipaddress import IPv4Network, IPv6Network

from flask import Flask, current_app

from qa.errors import SettingError

_KEY = "qa.config"
# A day: a thread cannot sleep for any number of seconds, and one that never wakes watches nothing.
MAX_WATCH_SECONDS = 24 * 60 * 60


@dataclass(frozen=True, slots=True)
class Config:
    """The limits and switches of one application. A value outside its range raises SettingError."""

    # Names this service answers to, in lower case, beside `localhost` and addresses: a page of another site can make
    # its own name lead here, and then only the Host header tells the two apart.
    hosts: frozenset[str] = frozenset()
    # What a request has to bring, empty for nothing: the key for every route but health, the token for a reload.
    api_key: str = field(default="", repr=False)
    admin_token: str = field(default="", repr=False)
    # Origins, as `https://example.org`, whose pages may read the answers in a browser; without one no page of another
    # site can.
    origins: frozenset[str] = frozenset()
    # Networks of the proxies whose word about the client is taken; a forwarded header of anyone else is dropped.
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    # Whether the text of questions is logged; people ask what they would not tell, so it has to be asked for.
    log_questions: bool = False
    # Seconds between two looks at the folder, 0 for never: a look costs a stat of every file.
    watch_seconds: float = 2.0
    # Seconds a request for a reload waits for the outcome: it holds a thread, and a large folder takes minutes.
    max_reload_seconds: int = 10

    # Bytes of a URL: 1,000 emoji, percent-encoded, are 12,000 bytes and must pass.
    max_url_bytes: int = 16 * 1024
    # Bytes of a body: 1,000 escaped code points and a long list of document ids; of /verify many quotes, or a whole
    # old answer.
    max_body_bytes: int = 64 * 1024
    max_verify_body_bytes: int = 1024 * 1024
    # Levels of a body: Python's parser recurses, and a body deep enough exhausts its stack.
    max_json_depth: int = 20
    # Characters of a whole number in a body: reading one takes time that grows with the square of its length.
    max_number_chars: int = 20

    # Questions that are worked on at the same time: more than there are cores only make each other slower, and all of
    # them late.
    max_at_work: int = 8
    # Questions that are worked on or wait for their turn; one more is refused at once. A burst of ordinary questions,
    # a millisecond each, is over before anyone notices, and of slow ones no more wait than can be answered in time.
    max_in_flight: int = 64
    # Milliseconds from a question's coming to its end; half of them it may wait for its turn. An ordinary one takes a
    # thousandth of that.
    deadline_ms: int = 1_000
    # The same for documents that are read: all passages of a long one take a tenth of a second, and many of these at
    # once would leave the questions no processor.
    max_documents_at_work: int = 2
    max_documents_in_flight: int = 32
    # Threads that answer; those above the questions and documents in flight together keep health and refusals quick
    # while these are slow.
    threads: int = 104
    # Open connections, fewer where the process may not have two descriptors for each: a slow client costs a connection
    # and not a thread, so that many hundred of them do no harm. Each may hold a body in memory, within its limit.
    max_connections: int = 2_000
    # Seconds a connection may be silent before it is closed.
    silence_seconds: int = 15
    # Seconds in which a request has to be sent, from its first byte to its last: who sends a byte now and then is never
    # silent, and would keep the connection for ever.
    max_request_seconds: int = 30
    # Bytes of a request's line and headers: above the limit of the URL, so that a long one gets the error body.
    max_header_bytes: int = 32 * 1024

    def __post_init__(self) -> None:
        for each in fields(self):
            value = getattr(self, each.name)
            if each.type is int and value < 1:
                raise SettingError(each.name, value, "1 or more")
        if not 0 <= self.watch_seconds <= MAX_WATCH_SECONDS:
            raise SettingError("watch_seconds", self.watch_seconds, f"in [0, {MAX_WATCH_SECONDS}]")
        in_flight = self.max_in_flight + self.max_documents_in_flight
        if self.threads <= in_flight:
            rule = f"more than max_in_flight and max_documents_in_flight together, which are {in_flight}"
            raise SettingError("threads", self.threads, rule)


def register(app: Flask, config: Config) -> None:
    """Makes `config` that of `app`."""
    app.extensions[_KEY] = config


def config_of(app: Flask) -> Config:
    """The Config that `app` was made with."""
    config: Config = app.extensions[_KEY]
    return config


def config() -> Config:
    """The Config of the application that answers this request."""
    return config_of(current_app)
