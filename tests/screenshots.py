"""Makes the README's pictures in docs/: `make screenshots`."""

from pathlib import Path
from urllib.parse import quote

from qa import Engine
from tests.browser_support import chromium, served

ROOT = Path(__file__).parent.parent
WIDTH = 820

# Name, question, colour scheme, height; `source` is the page that the first citation leads to.
PICTURES = (
    ("answer", "When did U.S. forces return to Iraq?", "light", 880),
    ("refusal", "Who is the president of France?", "light", 820),
    ("disagreement", "How much humanitarian aid has the U.S. given Iraq?", "light", 940),
    ("source", "When did U.S. forces return to Iraq?", "dark", 640),
)


def main() -> None:
    """Writes the pictures of the three documents' pages."""
    with served(Engine.from_folder(ROOT / "corpus")) as url, chromium() as browser:
        for name, question, scheme, height in PICTURES:
            page = browser.new_page(viewport={"width": WIDTH, "height": height}, color_scheme=scheme)
            page.goto(f"{url}/?question={quote(question)}")
            if name == "source":
                page.click(".answer .source a")
            page.screenshot(path=ROOT / "docs" / f"{name}.png")
            page.close()


if __name__ == "__main__":
    main()
