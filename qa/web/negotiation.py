"""Which form of a resource a request prefers."""

from flask import request

from qa.web.problems import Problem


def preferred(*types: str) -> str:
    """The one of `types` that Accept likes best, the first without a preference. Raises Problem when it takes none."""
    accept = request.accept_mimetypes
    best = accept.best_match(types) if accept else types[0]
    if best is None:
        raise Problem(
            "not_acceptable", f"this resource is given as {', '.join(types)}; ask for one of them with Accept"
        )
    return best
