"""A real browser, and a service for it to look at."""

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

from qa.web import Config, application
from qa.web.serving import Server, bound_socket, url_of
from tests.web_support import service_of

CHROMIUM = shutil.which("chromium")
# Without a sandbox because tests run as root in a container; the rest keeps the browser from calling home.
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, driven by Playwright."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        browser.close()


@contextmanager
def served(engine: object, settings: Config | None = None) -> Iterator[str]:
    """The address of a server that answers from `engine`, with the limits and switches of `settings`."""
    service = service_of(engine)
    bound = bound_socket("127.0.0.1", 0)
    url = url_of(bound)
    server = Server(application(service, settings), service, bound)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield url
    finally:
        server.stop()
        thread.join()
