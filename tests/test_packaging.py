"""What is installed: the wheel and its commands, the versions that are locked, and versions known to be bad."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
REQUIREMENTS = {
    canonicalize_name(wanted.name): wanted for wanted in map(Requirement, PROJECT["project"]["dependencies"])
}
LOCK = (ROOT / "requirements.lock").read_text("utf-8")
LOCKED = {canonicalize_name(name): found for name, found in re.findall(r"^([\w.-]+)==(\S+) \\$", LOCK, re.MULTILINE)}


# The wheel


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory):
    """The wheel of the project, unpacked as an installation unpacks it."""
    folder = tmp_path_factory.mktemp("wheel")
    sources = folder / "sources"
    sources.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE", "server.py"):
        shutil.copy(ROOT / name, sources)
    shutil.copytree(ROOT / "qa", sources / "qa", ignore=shutil.ignore_patterns("__pycache__"))
    subprocess.run(  # noqa: S603 - pip of this environment
        [
            *(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-index", "--no-build-isolation"),
            *("--wheel-dir", str(folder), str(sources)),
        ],
        check=True,
    )
    [wheel] = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def run_from(folder, unpacked, *arguments, **variables):
    """Runs Python in `folder` with the unpacked wheel in the place of the repository."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("QA_")}
    return subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-P", *arguments],
        cwd=folder,
        env={**kept, "PYTHONPATH": f"{unpacked}{os.pathsep}{ROOT / 'tests' / 'without'}", **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_wheel_holds_every_file_of_the_library(unpacked):
    kept = {path for path in (ROOT / "qa").rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    assert {str(path.relative_to(ROOT)) for path in kept} == {
        str(path.relative_to(unpacked)) for path in (unpacked / "qa").rglob("*") if path.is_file()
    }


def test_the_wheel_has_both_commands(unpacked):
    [entries] = unpacked.glob("*.dist-info/entry_points.txt")
    assert re.findall(r"^(\S+) = (\S+)$", entries.read_text("utf-8"), re.MULTILINE) == [
        ("qa", "qa.__main__:main"),
        ("qa-server", "server:main"),
    ]


def test_the_installed_command_line_answers_from_any_folder(unpacked, tmp_path):
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "vasa.txt").write_text("The Vasa sank in 1628.\n", "utf-8")
    done = run_from(tmp_path, unpacked, "-m", "qa", "ask", "When did the Vasa sink?")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("The Vasa sank in 1628.\n")


APPLICATION = """
import qa, server
from pathlib import Path
assert Path(qa.__file__).parents[1] == Path(server.__file__).parent == Path({site!r}), server.__file__
client = server.create_app().test_client()
for path, kind in (("/", "text/html"), ("/ask?question=Vasa", "application/json"), ("/favicon.ico", "image/")):
    answer = client.get(path)
    assert (answer.status_code, answer.mimetype.startswith(kind)) == (200, True), (path, answer.data)
"""


def test_the_installed_application_has_its_pages_and_files(unpacked, tmp_path):
    (tmp_path / "vasa.txt").write_text("The Vasa sank in 1628.\n", "utf-8")
    done = run_from(tmp_path, unpacked, "-c", APPLICATION.format(site=str(unpacked)), QA_CORPUS=str(tmp_path))
    assert done.returncode == 0, done.stderr


# What the command that pip makes of an entry point runs.
COMMAND = "import sys, server; sys.argv[0] = '/anywhere/bin/qa-server'; sys.exit(server.main())"


@pytest.mark.parametrize(
    ("program", "name"), [(("-m", "server"), "server.py"), (("-c", COMMAND), "qa-server")], ids=["module", "command"]
)
def test_the_installed_server_without_documents_asks_for_a_folder_in_one_sentence(unpacked, tmp_path, program, name):
    done = run_from(tmp_path, unpacked, *program, "--port", "0")
    said = f"{name}: corpus: is not a folder; name the folder that holds the documents\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", said)


def test_p21_a_folder_with_modules_of_the_same_names_does_no_harm(unpacked, tmp_path):
    for name in ("numpy", "json", "nltk", "qa"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('the wrong module')\n", "utf-8")
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "vasa.txt").write_text("The Vasa sank in 1628.\n", "utf-8")
    # What pip makes of an entry point is a script in another folder, and Python looks there and not where it is run.
    script = unpacked / "bin" / "qa"
    script.parent.mkdir(exist_ok=True)
    script.write_text("from qa.__main__ import main\nmain()\n", "utf-8")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("QA_")}
    for python in ([sys.executable, str(script)], [sys.executable, "-P", "-m", "qa"]):
        done = subprocess.run(  # noqa: S603 - our own program
            [*python, "ask", "When did the Vasa sink?"],
            cwd=tmp_path,
            env={**kept, "PYTHONPATH": f"{unpacked}{os.pathsep}{ROOT / 'tests' / 'without'}"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith("The Vasa sank in 1628.\n")


# The lock file


def test_the_lock_file_has_every_dependency_at_a_version_that_is_allowed():
    wrong = {
        name: LOCKED.get(name) for name, wanted in REQUIREMENTS.items() if LOCKED.get(name) not in wanted.specifier
    }
    assert wrong == {}, "`make lock` writes it anew"


def test_the_lock_file_has_every_package_that_these_need():
    needed, looked_at = set(REQUIREMENTS), set()
    while names := needed - looked_at:
        for name in names:
            looked_at.add(name)
            needed |= needs_of(name)
    assert needed - set(LOCKED) == set(), "`make lock` writes it anew"


def needs_of(name):
    """What an installed package needs here, extras left out."""
    found = map(Requirement, requires(name) or ())
    return {
        canonicalize_name(wanted.name)
        for wanted in found
        if wanted.marker is None or wanted.marker.evaluate({"extra": ""})
    }


def test_every_locked_package_has_hashes_and_nothing_names_where_it_came_from():
    entries = re.split(r"^(?=[\w.-]+==)", LOCK, flags=re.MULTILINE)[1:]
    assert len(entries) == len(LOCKED)
    assert [
        entry.splitlines()[0] for entry in entries if not re.search(r"--hash=sha256:[0-9a-f]{64}$", entry, re.M)
    ] == []
    assert re.findall(r"://|index-url|find-links|trusted-host|(?<![\w.])/", LOCK) == []


# Versions known to be bad: package, the first good version, and what was wrong before it. Names from the advisories of
# the Python Packaging Authority and of the projects themselves.

KNOWN_BAD = [
    ("flask", "3.1.1", "CVE-2025-47278: signed with the wrong key"),
    ("flask", "3.1.3", "CVE-2026-27205: answers with a session are cached"),
    ("gunicorn", "23.0.0", "CVE-2024-1135 and CVE-2024-6827: one request hides in another"),
    ("jinja2", "3.1.6", "CVE-2025-27516: a template leaves the sandbox"),
    ("nltk", "3.9.3", "CVE-2025-14009: an archive writes outside of its folder"),
    ("nltk", "3.10.0", "CVE-2026-54293 and others: paths, requests and patterns of an attacker"),
    ("nltk", "3.10.4", "CVE-2026-62383 and others: patterns that take quadratic time, models that run code"),
    ("waitress", "3.0.1", "GHSA-9298-4cf8-g4wj and GHSA-3f84-rpwh-47g6: a lost race, a busy loop"),
    ("werkzeug", "3.0.6", "CVE-2024-49767: a form without a limit"),
    ("werkzeug", "3.1.9", "GHSA-g6x2-hccm-hh4m and others: names of devices pass for files"),
]
ROWS = pytest.mark.parametrize(("package", "good", "why"), KNOWN_BAD, ids=[f"{row[0]}-{row[1]}" for row in KNOWN_BAD])


@ROWS
def test_no_version_known_to_be_bad_is_installed(package, good, why):
    try:
        installed = version(package)
    except PackageNotFoundError:
        pytest.skip(f"{package} is not installed")
    assert Version(installed) >= Version(good), why


@ROWS
def test_no_version_known_to_be_bad_is_allowed_or_locked(package, good, why):
    extras = (wanted for extra in PROJECT["project"]["optional-dependencies"].values() for wanted in extra)
    named = {canonicalize_name(wanted.name): wanted for wanted in map(Requirement, extras)} | REQUIREMENTS
    if package in named:
        assert not named[package].specifier.contains(f"{good}.dev0", prereleases=True), why
    if package in LOCKED:
        assert Version(LOCKED[package]) >= Version(good), why
