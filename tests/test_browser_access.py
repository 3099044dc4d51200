"""A service with a key, in a real browser that was given it: the pages work as ever."""

import os

import pytest

from qa.web import Config
from tests.browser_support import CHROMIUM, chromium, served
from tests.web_support import FakeEngine

if CHROMIUM is None and os.environ.get("QA_REQUIRE_BROWSER") != "1":
    pytest.skip("no Chromium; `apt-get install chromium` gets it", allow_module_level=True)

KEY = "s3cret-key"


@pytest.fixture(scope="module")
def browser():
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def url():
    with served(FakeEngine(), Config(api_key=KEY)) as address:
        yield address


def test_with_the_key_as_password_the_pages_work_with_style_and_script(browser, url):
    context = browser.new_context(http_credentials={"username": "anybody", "password": KEY})
    page, told = context.new_page(), []
    page.on("console", lambda message: told.append(message.text))
    page.goto(url)
    page.fill("#question", "When did the Vasa sink?")
    page.press("#question", "Enter")
    page.locator("mark").first.wait_for()
    page.wait_for_function("document.styleSheets.length && document.styleSheets[0].cssRules.length > 10")
    assert page.locator("#habits").get_attribute("hidden") is None  # the script shows it
    page.locator("a[href*='#cited']").first.click()
    page.locator("#cited").wait_for()
    assert told == []
    context.close()
