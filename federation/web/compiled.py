"""Templates that this process has compiled, so that its next application need not do it again."""

from types import CodeType

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket


class Compiled(BytecodeCache):
    """Keeps code in memory under a template's name and path; one whose source has changed is compiled anew.

    It grows with the template files alone, for what is made of a string never comes here. It may only be shared by
    environments with the same settings, as these are compiled in.
    """

    def __init__(self) -> None:
        self._kept: dict[str, tuple[str, CodeType]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill ``bucket`` with the code of its source, where that is known."""
        checksum, code = self._kept.get(bucket.key, ("", None))
        if checksum == bucket.checksum:
            bucket.code = code

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was just compiled."""
        if bucket.code is not None:
            self._kept[bucket.key] = (bucket.checksum, bucket.code)
