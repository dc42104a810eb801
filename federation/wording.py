"""Marking the words a person will read, where they are written and before a language is known."""


def phrase(words: str) -> str:
    """Mark ``words`` (Japanese, with ``%(name)s`` places) for the catalogues and return them unchanged.

    The Japanese sentence is itself the message id; ``federation.language`` turns it into the reader's language
    when it is shown.
    """
    return words
