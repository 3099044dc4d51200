"""The log of the real process: its formats, and that it costs no answer when nobody reads it."""

import argparse
import json
import subprocess
import sys

import pytest

import server
from qa.web.options import add_edge_options, config_from
from tests.server_support import READY, ROOT, environment, get, running


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "vasa.txt").write_text("The Vasa sank in 1628.\n", encoding="utf-8")
    return tmp_path / "corpus"


def test_every_line_of_the_log_is_json_in_utc(folder, tmp_path):
    (folder / "bad.txt").write_bytes(b"\xff")
    with (
        (tmp_path / "log").open("w") as log,
        running("--port", "0", "--corpus", str(folder), stderr=log, TZ="Asia/Tokyo") as (process, port),
    ):
        assert get(port, "/ask?question=Who+built+it%3F")[0].status == 200
        assert get(port, "/nowhere")[0].status == 404
        process.terminate()
        assert process.wait(10) == 0
    lines = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    assert all(line["time"].endswith("Z") for line in lines)
    assert [(line["message"].split(":")[0], line.get("route")) for line in lines] == [
        ("skipped bad.txt", None),
        ("request", "/ask"),
        ("request", "unmatched"),
        ("stopped", None),
    ]


def test_the_log_for_people_is_text(folder, tmp_path):
    arguments = ("--port", "0", "--corpus", str(folder), "--log-format", "text", "--log-questions")
    with (tmp_path / "log").open("w") as log, running(*arguments, stderr=log) as (process, port):
        get(port, "/ask?question=Who%0Abuilt+it%3F")
        process.terminate()
        process.wait(10)
    first, last = (tmp_path / "log").read_text().splitlines()
    assert " INFO qa.web.logs request request_id=" in first
    assert first.endswith(r"question=Who\nbuilt it?")
    assert last.endswith("Z INFO qa.server stopped")


@pytest.mark.parametrize("how", ["closed", "full", "unread"])
def test_p9_with_no_log_to_write_to_requests_are_answered_and_it_stops_in_time(folder, how):
    """The unread pipe holds some 300 lines; a server that waited for it would never answer the last request."""
    redirections = {"closed": "2>&-", "full": "2>/dev/full", "unread": ""}
    process = subprocess.Popen(  # noqa: S603  # our own program
        [
            "/bin/sh",
            "-c",
            f'exec "$0" server.py --port 0 --corpus "$1" {redirections[how]}',
            sys.executable,
            str(folder),
        ],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
    )
    try:
        port = int(READY.fullmatch(process.stdout.readline())[4])
        for _ in range(400 if how == "unread" else 5):
            assert get(port, "/ask?question=Vasa")[0].status == 200
        process.terminate()
        assert process.wait(10) == 0
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize(
    ("arguments", "variables", "words"),
    [
        (["--hosts", "a b"], {}, "argument --hosts: 'a b' is not a host name without a port, like answers.example.org"),
        ([], {"QA_HOSTS": "a,b:80"}, "argument --hosts: 'b:80' is not a host name without a port"),
        (
            [],
            {"QA_CORS_ORIGINS": "*"},
            "argument --cors-origins: '*' is not an origin without a path, like https://exam",
        ),
        ([], {"QA_CORS_ORIGINS": "https://a.example/x"}, "'https://a.example/x' is not an origin without a path"),
        ([], {"QA_TRUSTED_PROXIES": "10.0.0.1/8"}, "'10.0.0.1/8' is not an address or a network, like 10.0.0.1"),
        ([], {"QA_TRUSTED_PROXIES": "proxy"}, "mend it in --trusted-proxies or QA_TRUSTED_PROXIES"),
        ([], {"QA_LOG_QUESTIONS": "perhaps"}, "QA_LOG_QUESTIONS must be 1, true or yes, or 0, false, no or empty"),
        ([], {"QA_LOG_FORMAT": "xml"}, "'xml' is neither json nor text; mend it in --log-format or QA_LOG_FORMAT"),
        ([], {"QA_WATCH_SECONDS": "-1"}, "'-1' is not a number of seconds from 0 to 86400; mend it in --watch-s"),
        ([], {"QA_WATCH_SECONDS": "nan"}, "'nan' is not a number of seconds from 0 to 86400"),
        ([], {"QA_WATCH_SECONDS": "1e10"}, "'1e10' is not a number of seconds from 0 to 86400"),
        ([], {"QA_API_KEY": "two words"}, "server.py: QA_API_KEY must be printable ASCII without blanks, and it holds"),
        ([], {"QA_ADMIN_TOKEN": "schlüssel"}, "server.py: QA_ADMIN_TOKEN must be printable ASCII without blanks"),
    ],
    ids=str,
)
def test_e1_an_option_of_the_edge_that_cannot_be_used_is_said_in_one_sentence(
    capsys, monkeypatch, arguments, variables, words
):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    try:
        code = server.serve(["--port", "0", *arguments])
    except SystemExit as end:
        code = end.code
    printed = capsys.readouterr()
    assert (code, printed.out) == (2, "")
    assert words in printed.err.splitlines()[-1]
    for secret in ("two words", "schlüssel"):
        assert secret not in printed.err


def test_an_application_for_other_servers_reads_the_switches_of_the_edge(folder, monkeypatch):
    for name, value in {
        "QA_CORPUS": str(folder),
        "QA_API_KEY": "s3cret",
        "QA_HOSTS": " answers.example , B.example,",
        "QA_CORS_ORIGINS": "https://App.example:443,http://127.0.0.1:3000",
    }.items():
        monkeypatch.setenv(name, value)
    client = server.create_app().test_client()
    assert client.get("/ask?question=Vasa").status_code == 401
    key = {"Authorization": "Bearer s3cret", "Host": "b.example", "Origin": "https://app.example"}
    response = client.get("/ask?question=Vasa", headers=key)
    assert (response.status_code, response.headers["Access-Control-Allow-Origin"]) == (200, "https://app.example")


def test_the_name_it_is_bound_to_is_a_host_it_answers_to():
    options = server_options("--host", "Answers.example")
    assert config_from(options, {}, options.host).hosts == {"answers.example"}
    assert config_from(server_options(), {}, "127.0.0.1").hosts == frozenset()
    assert config_from(server_options(), {}, "::1").hosts == frozenset()


def server_options(*arguments):
    parser = argparse.ArgumentParser()
    parser.add_argument("--host")
    add_edge_options(parser, {})
    return parser.parse_args(arguments)
