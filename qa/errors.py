"""The errors of qa, one root and a child only where a caller acts differently.

    QAError
    ├── CorpusError       the folder cannot be served; the start stops (or the old index stays)
    ├── SettingError      a setting has a value outside its range; the start stops
    ├── ModelError        a model of the semantic option cannot be used; the start stops
    ├── UnknownDocument   a document id that is not in the corpus; 404
    └── FieldError        a field of a request breaks its rule; 400

Every message names the thing, the value and the way out, without a full stop.
"""


class QAError(Exception):
    """The root: what a caller catches to show a person one sentence instead of a traceback."""


class CorpusError(QAError):
    """The folder at `path` cannot be served for `reason`."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


class SettingError(QAError):
    """The setting `name` has the value `value`, which is not what `rule` asks for."""

    def __init__(self, name: str, value: object, rule: str) -> None:
        super().__init__(f"{name} must be {rule}, not {value!r}")
        self.name = name
        self.value = value
        self.rule = rule


class ModelError(QAError):
    """The model `model` cannot be used for `reason`."""

    def __init__(self, model: str, reason: str) -> None:
        super().__init__(f"{model}: {reason}; fetch a model with `python -m qa model fetch NAME`, or name its folder")
        self.model = model
        self.reason = reason


class UnknownDocument(QAError):
    """The corpus holds no document with the id `document_id`."""

    def __init__(self, document_id: str) -> None:
        super().__init__(f"there is no document {document_id!r}; /documents lists the ids")
        self.document_id = document_id


class FieldError(QAError):
    """The field `field` of a request breaks its rule; `detail` says which, the value, and the way out."""

    def __init__(self, field: str | None, detail: str) -> None:
        super().__init__(detail)
        self.field = field
        self.detail = detail
