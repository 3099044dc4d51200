"""The steps of the Dockerfile, one after the other and without Docker: they work, and nothing is written where it runs.

Needs a package index for the locked packages, as building the image does.
"""

import fnmatch
import json
import os
import shlex
import shutil
import subprocess
import venv

import pytest

from tests.server_support import READY, ROOT, free_port, get

INSTRUCTIONS = [
    line.split(" ", 1)
    for line in (ROOT / "Dockerfile").read_text("utf-8").replace("\\\n", " ").splitlines()
    if line and not line.startswith("#")
]
IGNORED = (ROOT / ".dockerignore").read_text("utf-8").splitlines()


def told(name):
    """What stands behind each instruction of a name."""
    return [" ".join(value.split()) for instruction, value in INSTRUCTIONS if instruction == name]


def variables():
    """All variables that the container has."""
    return dict(pair.split("=", 1) for line in told("ENV") for pair in shlex.split(line))


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    """A folder that stands for the root of the container, filled as the instructions say, and its Python."""
    root, python = tmp_path_factory.mktemp("image"), tmp_path_factory.mktemp("python")
    venv.create(python, with_pip=True)
    [workdir] = told("WORKDIR")
    app = root / workdir.lstrip("/")
    app.mkdir()
    for instruction, value in INSTRUCTIONS:
        if instruction == "COPY":
            copy(root, app, *value.split())
        if instruction == "RUN":
            done = run(value, app, python, os.environ)
            if "Could not find a version" in done.stderr or "No matching distribution" in done.stderr:
                pytest.skip("no package index is reached, and building needs one")
            assert done.returncode == 0, done.stderr
    return root, app, python


def copy(root, app, source, target):
    """Copies what .dockerignore lets through, as COPY does."""
    assert ignored(source) is False, f"{source} is left out by .dockerignore"
    place = root / target.lstrip("/") if target.startswith("/") else app / target
    if (ROOT / source).is_dir():
        shutil.copytree(ROOT / source, place, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(ROOT / source, place)


def ignored(name):
    """Whether a file at the root is left out: the last line that fits it decides."""
    out = False
    for line in IGNORED:
        if line and not line.startswith("#") and fnmatch.fnmatch(name, line.removeprefix("!")):
            out = not line.startswith("!")
    return out


def run(command, app, python, environ):
    path = f"{python / 'bin'}{os.pathsep}{environ['PATH']}"
    return subprocess.run(  # noqa: S602 - a line of our own Dockerfile
        command, shell=True, cwd=app, env={**environ, "PATH": path}, capture_output=True, text=True, check=False
    )


def as_user():
    """What runs a command as the user of the container, who owns nothing and may only read; nothing if that is us."""
    [user] = told("USER")
    uid, gid = user.split(":")
    assert uid.isdigit()
    assert int(uid) > 0
    if os.geteuid() != 0 or not shutil.which("setpriv"):
        return []
    # The interpreter may stand in a folder that is closed to others, so reading, and only reading, is allowed.
    reading = ["--inh-caps=-all,+dac_read_search", "--ambient-caps=-all,+dac_read_search"]
    return ["setpriv", f"--reuid={uid}", f"--regid={gid}", "--clear-groups", *reading]


def contents(folder):
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*")}


def test_the_container_serves_from_a_root_it_may_not_write_to(image, tmp_path):
    root, app, python = image
    port = free_port()
    at_home = {name: value.replace("/corpus", str(root / "corpus")) for name, value in variables().items()}
    environ = {
        "PATH": f"{python / 'bin'}{os.pathsep}{os.defpath}",
        "TMPDIR": str(tmp_path),
        **at_home,
        "QA_PORT": str(port),  # 8000 may be taken on this machine
        "HOME": str(tmp_path),
    }
    tmp_path.chmod(0o777)  # the /tmp of the container
    before = contents(root)
    [command] = told("CMD")
    log = (tmp_path / "stderr").open("w", encoding="utf-8")
    process = subprocess.Popen(  # noqa: S603 - a line of our own Dockerfile
        [*as_user(), *json.loads(command)], cwd=app, env=environ, stdout=subprocess.PIPE, stderr=log, text=True
    )
    with log, process:
        try:
            said = process.stdout.readline() or (tmp_path / "stderr").read_text("utf-8")
            assert READY.fullmatch(said.replace("0.0.0.0", "127.0.0.1")), said  # noqa: S104 - of the container
            assert check_health(environ) == 0
            assert get(port, "/ask?question=When+did+U.S.+forces+return+to+Iraq%3F")[0].status == 200
            process.terminate()
            assert process.wait(10) == 0
        finally:
            process.kill()
    assert contents(root) == before
    assert check_health(environ) != 0


def check_health(environ):
    """The exit code of the health check."""
    [health] = told("HEALTHCHECK")
    command = json.loads(health[health.index("CMD ") + 4 :])
    return subprocess.run(  # noqa: S603 - a line of our own Dockerfile
        command, env=environ, stderr=subprocess.DEVNULL, timeout=20, check=False, executable=which(command[0], environ)
    ).returncode


def which(name, environ):
    return shutil.which(name, path=environ["PATH"])


def test_it_is_built_on_one_minor_version_of_python_that_the_project_allows():
    [image_name] = told("FROM")
    name, tag = image_name.split(":")
    major, minor = tag.removesuffix("-slim").split(".")
    assert (name, major) == ("python", "3")
    assert int(minor) >= 11


def test_it_exposes_the_port_it_serves_on_and_says_so_once():
    assert told("EXPOSE") == [variables()["QA_PORT"]]
    assert variables()["QA_HOST"] == "0.0.0.0"  # noqa: S104 - reached only through what is published
    assert len(told("CMD")) == len(told("HEALTHCHECK")) == len(told("USER")) == 1


def test_nothing_else_reaches_the_builder():
    kept = {path.name for path in ROOT.iterdir() if not ignored(path.name)}
    assert kept == {line.split()[0] for line in told("COPY")}
