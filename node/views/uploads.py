"""Files that come with a form."""

from flask import request


def uploaded(name: str) -> bytes:
    """Return the file that was sent in a field, empty where none was; a large one lies in a temporary file until it is closed."""
    sent = request.files.get(name)
    if sent is None:
        return b""
    with sent.stream as stream:
        return stream.read()
