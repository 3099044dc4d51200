"""The laws of the house that no single module can keep: floors, who may import what, and what happens at import."""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import qa

ROOT = Path(__file__).parent.parent
SOURCES = sorted([*(ROOT / "qa").rglob("*.py"), *(ROOT / "eval").rglob("*.py"), ROOT / "server.py"])

# From the ground up; a module imports only from floors below its own. The programs share `options`, which therefore
# has a floor of its own between them and the web.
FLOORS: tuple[frozenset[str], ...] = (
    frozenset({"qa.records", "qa.errors", "qa.flags", "qa.data"}),
    frozenset({"qa.settings", "qa.blocks", "qa.vectors"}),
    frozenset({"qa.documents", "qa.analysis", "qa.lines"}),
    frozenset({"qa.passages", "qa.answer_types"}),
    frozenset({"qa.index", "qa.questions", "qa.sources", "qa.meaning", "qa.encoder"}),
    frozenset({"qa.lexicon", "qa.ranking", "qa.disagreements"}),
    frozenset({"qa.confidence"}),
    frozenset({"qa.answers", "qa.verify", "qa.formats"}),
    frozenset({"qa.engine", "qa.wire", "qa.arithmetic", "qa.wording"}),
    frozenset({"qa.claims"}),
    frozenset({"qa", "qa.web"}),
    frozenset({"qa.options"}),
    frozenset({"qa.__main__", "server", "eval"}),
)


def module_of(path: Path) -> str:
    """The name a file is imported by, `qa.web` for all of the edge and `eval` for all of the evaluation."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    if parts[0] == "eval":
        return "eval"
    if parts[:2] == ("qa", "web"):
        return "qa.web"
    return ".".join(part for part in parts if part != "__init__")


def floor_of(module: str) -> int:
    (floor,) = (number for number, modules in enumerate(FLOORS) if module in modules)
    return floor


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports_of(path: Path) -> Iterator[str]:
    """The full name of everything a file imports, `qa.records.Span` as well as `qa.records`."""
    package = path.relative_to(ROOT).with_suffix("").parts[:-1]
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            base = ".".join(part for part in (above, node.module) if part)
            yield from (f"{base}.{alias.name}" for alias in node.names)


def own_module(name: str) -> str | None:
    """The module of this project that an imported name lives in; None for other people's."""
    parts = name.split(".")
    if parts[0] in ("eval", "server"):
        return parts[0]
    if parts[0] != "qa":
        return None
    is_module = len(parts) > 1 and ((ROOT / "qa" / f"{parts[1]}.py").exists() or (ROOT / "qa" / parts[1]).is_dir())
    return f"qa.{parts[1]}" if is_module else "qa"


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_every_module_has_a_floor_and_imports_only_from_lower_ones(path: Path) -> None:
    module = module_of(path)
    for name in imports_of(path):
        imported = own_module(name)
        if imported is None or imported == module:
            continue
        assert floor_of(imported) < floor_of(module), f"{module} climbs to {name}"


GUARDED = [
    ("rank_bm25", {"qa.index"}),
    ("nltk", {"qa.analysis", "qa.passages"}),
    ("rapidfuzz", {"qa.lexicon", "qa.verify"}),
    ("fastembed", {"qa.encoder"}),
    ("flask", {"qa.web", "server"}),
    ("werkzeug", {"qa.web", "server"}),
    ("waitress", {"qa.web", "server"}),
    ("prometheus_client", {"qa.web"}),
]


@pytest.mark.parametrize(("library", "modules"), GUARDED, ids=[library for library, _ in GUARDED])
def test_a_library_is_imported_where_it_belongs_only(library: str, modules: set[str]) -> None:
    importers = {
        module_of(path)
        for path in SOURCES
        if module_of(path) != "eval"  # it measures other systems beside ours, with their libraries
        and any(name.split(".")[0] == library for name in imports_of(path))
    }
    assert importers
    assert importers <= modules


def below_the_edge(path: Path) -> bool:
    return floor_of(module_of(path)) < floor_of("qa.web")


LIBRARY = [path for path in SOURCES if below_the_edge(path)]
CLOCK_NETWORK_AND_CHANCE = {
    *("time", "datetime", "calendar", "random", "secrets", "uuid", "socket", "ssl", "http", "asyncio", "subprocess"),
    *("threading", "multiprocessing", "logging", "tempfile", "requests", "urllib.request"),
}


@pytest.mark.parametrize("path", LIBRARY, ids=name_of)
def test_below_the_edge_nobody_asks_the_environment_the_clock_the_network_or_chance(path: Path) -> None:
    for name in imports_of(path):
        if (path.name, name) == ("vectors.py", "tempfile"):  # a cache is moved into place from a name of its own
            continue
        assert name.split(".")[0] not in CLOCK_NETWORK_AND_CHANCE
        assert not name.startswith(("urllib.request", "os.environ", "os.getenv"))
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Attribute):
            assert node.attr not in ("environ", "getenv", "environb", "getcwd", "expanduser", "home")


RUNS_WHAT_IT_READS = {"pickle", "marshal", "shelve", "dill", "joblib", "cloudpickle"}


@pytest.mark.parametrize("path", [path for path in SOURCES if "qa" in path.parts], ids=name_of)
def test_p6_nobody_uses_a_format_that_runs_what_it_reads(path: Path) -> None:
    assert {name.split(".")[0] for name in imports_of(path)} & RUNS_WHAT_IT_READS == set()


OPENING = {"open", "fdopen", "read_text", "read_bytes", "write_text", "write_bytes", "scandir", "listdir", "walk"}


# Documents opens the corpus, vectors its cache, the encoder a model's folder, and data what comes with the library.
OPENERS = {"documents.py", "vectors.py", "encoder.py", "__init__.py"}


@pytest.mark.parametrize("path", [path for path in LIBRARY if path.name not in OPENERS], ids=name_of)
def test_only_documents_opens_corpus_files_and_nobody_prints(path: Path) -> None:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            assert called not in OPENING | {"print", "input"}, f"line {node.lineno}"


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_imports_stand_at_the_top(path: Path) -> None:
    tree = tree_of(path)
    everywhere = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    assert all(node in tree.body for node in everywhere)


# The semantic mode is chosen when a program starts, so what makes it is no public name; an evaluation needs both modes
# in one process and hands it to the engine itself. `qa.encoder` is loaded by name there, and only when asked for.
SEMANTIC_MODE = {"qa.engine.Encode", "qa.meaning.Meaning", "qa.vectors.Encoder"}


@pytest.mark.parametrize("path", [path for path in SOURCES if "eval" in path.parts], ids=name_of)
def test_the_evaluation_uses_the_public_names_only(path: Path) -> None:
    for name in imports_of(path):
        imported = own_module(name)
        if imported in (None, "eval") or (
            path.name == "bench.py" and imported in ("qa.options", "qa.web")
        ):  # it times the service
            continue
        assert name.removeprefix("qa.") in qa.__all__ or name in SEMANTIC_MODE


# Names of the three documents. That the United States have several names is a fact of English and may be known.
WORDS_OF_THE_CORPUS = re.compile(
    r"\b(iraqi?s?|baghdad|trump|bloomberg|carey|hussein|saddam|soleimani|suleimani|isis|islamic|kurdish|kurds|mahdi"
    r"|esper|milley|kuwait|turkey|airbase|embassy|explainer|shutterstock|us-iraq\S*|iraq-scales\S*)\b",
    re.IGNORECASE,
)


def code_words(path: Path) -> Iterator[str]:
    """The names and the strings of a file, docstrings left out."""
    tree = tree_of(path)
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.value
        elif isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name


@pytest.mark.parametrize("path", [path for path in SOURCES if "qa" in path.parts], ids=name_of)
def test_no_code_knows_the_three_documents(path: Path) -> None:
    found = [word for word in code_words(path) if WORDS_OF_THE_CORPUS.search(word.replace("_", " "))]
    assert found == []


def test_every_public_name_is_there_once() -> None:
    assert len(set(qa.__all__)) == len(qa.__all__)
    assert [name for name in qa.__all__ if not hasattr(qa, name)] == []


OFFLINE = """
import sys

def refuse(event, arguments):
    if event.startswith(("socket.", "subprocess.", "os.exec", "os.fork", "os.system")):
        raise SystemExit(f"{event} {arguments}")
    if event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+"):
        raise SystemExit(f"writes {arguments[0]}")

sys.addaudithook(refuse)

from pathlib import Path
from qa import Engine

imported = {name.split(".")[0] for name in sys.modules}
answer = Engine.from_folder(Path(sys.argv[1])).ask("When did U.S. forces return to Iraq?")
assert answer.status == "answered", answer
print(sorted(imported & {"flask", "werkzeug", "waitress", "torch", "matplotlib"}))
"""


def test_p19_the_library_works_without_network_home_or_downloaded_data(tmp_path: Path, corpus_folder: Path) -> None:
    done = subprocess.run(  # noqa: S603  # our own program
        [sys.executable, "-c", OFFLINE, str(corpus_folder)],
        env={
            "PATH": os.defpath,
            "HOME": str(tmp_path),
            "NLTK_DATA": str(tmp_path),
            "PYTHONPATH": str(ROOT),
            "PYTHONDONTWRITEBYTECODE": "1",
        },
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "[]\n", "")
    assert list(tmp_path.iterdir()) == []
