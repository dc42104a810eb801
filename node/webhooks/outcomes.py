"""What became of a message: one word each, and what people read of it."""

from collections.abc import Mapping
from dataclasses import dataclass

from federation.wording import phrase

DELIVERED, GONE, REFUSED, UNREACHABLE, FORBIDDEN, ODD = (
    "delivered",
    "gone",
    "refused",
    "unreachable",
    "forbidden",
    "odd",
)
WORDS: Mapping[str, str] = {
    DELIVERED: phrase("届きました（応答%(status)s）。"),
    GONE: phrase("受け取り先が、もう受け取らないと答えました（応答410）。"),
    REFUSED: phrase(
        "受け取り先が受け付けませんでした（応答%(status)s）。アドレスと、受け取り側の設定を確認してください。"
    ),
    UNREACHABLE: phrase(
        "接続できないか、時間内に応答がありませんでした。アドレスと、受け取り先が動いていることを確認してください。"
    ),
    FORBIDDEN: phrase(
        "このアドレスは庁内などの私設アドレスにつながるため、送りません。必要なときはシステム担当者に許可を依頼してください。"
    ),
    ODD: phrase(
        "受け取り先が、別のアドレスへの転送か、大きすぎる応答を返しました。転送先のアドレスを直接登録してください。"
    ),
}


@dataclass(frozen=True)
class Outcome:
    """What a receiver answered: a word of ``WORDS``, the HTTP status (0 for none), and for how long it asks us to wait."""

    word: str
    status: int = 0
    retry_after: int | None = None

    @property
    def is_good(self) -> bool:
        """Whether it has the message."""
        return self.word == DELIVERED
