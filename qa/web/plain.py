"""What an error says to a person: by its code, its field and the question that was typed, in plain words.

The words for programs are those of `qa.web.problems`; they stand below these, small.
"""

from dataclasses import dataclass

from qa.wire import MAX_QUESTION_CHARS


@dataclass(frozen=True, slots=True)
class Plain:
    """The heading of an error's page and the sentence below it."""

    title: str
    advice: str


_BROKEN_LINK = Plain(
    "This address is not quite right",
    "A part of it was perhaps changed or lost on the way. Ask your question again here.",
)
# Only the name by which the service was called is looked at before the key.
_WRONG_NAME = Plain(
    "This service does not go by that name",
    "Ask whoever runs it for its address, or let them add this name to those it answers to.",
)
_BY_CODE = {
    "bad_request": _BROKEN_LINK,
    "unauthorized": Plain(
        "A password is needed here",
        "Load this page again and give it, with any user name; whoever runs this service can tell you the password.",
    ),
    "not_found": Plain(
        "There is nothing at this address", "Perhaps it was changed or lost a part on the way. Ask a question here."
    ),
    "unknown_document": Plain("There is no such document", "It was perhaps taken away, or has another name now."),
    "url_too_long": Plain("The question is too long", "Please ask it in fewer words."),
    "internal_error": Plain(
        "Something went wrong here", "It was no fault of yours. Please try again; if it stays so, tell who runs this."
    ),
    "not_reloaded": Plain("The folder could not be read again", "What was read before is still served."),
    "overloaded": Plain("Too many people are asking just now", "Please try again in a second or two."),
    "unavailable": Plain(
        "No answer is possible just now", "Please try again in a few seconds, perhaps with a shorter question."
    ),
}
# What only a program can have done wrong; the small print below says what.
_FOR_PROGRAMS = Plain(
    "This address is meant for programs", "It was asked in a way it does not understand. Ask your question here."
)


def plain(code: str, field: str | None, question: str, is_admitted: bool) -> Plain:
    """The words for the error `code` about `field`, where `question` is what was typed, however broken.

    `is_admitted` is whether the one who asks has been let in.
    """
    if code == "bad_request" and not is_admitted:
        return _WRONG_NAME
    if code == "invalid_field":
        return _question(question) if field == "question" else _BROKEN_LINK
    return _BY_CODE.get(code, _FOR_PROGRAMS)


def _question(question: str) -> Plain:
    if not question.strip():
        return Plain("Please type a question", "Ask in plain words, as you would ask a person who has read it all.")
    if len(question) > MAX_QUESTION_CHARS:
        return Plain(
            "The question is too long",
            f"It has {len(question):,} characters, and at most {MAX_QUESTION_CHARS:,} are read. Please ask it shorter.",
        )
    return Plain(
        "The question cannot be read", "It holds a sign that is no text, or was given twice. Please type it again."
    )
