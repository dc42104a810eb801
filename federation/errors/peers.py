"""What may happen between this party and another."""

from federation.errors.request import Unavailable
from federation.errors.root import TachiyoriError
from federation.wording import phrase


class PeerUnreachable(Unavailable):
    """Another party did not answer in time, or not at all."""

    code = "peer-unreachable"
    status = 502
    words = phrase("相手団体のシステムに接続できませんでした。しばらく待ってから、もう一度お試しください。")


class PeerAddressRefused(TachiyoriError):
    """A URL leads to an address this party never calls."""

    code = "peer-address-refused"
    status = 502
    words = phrase("相手団体の接続先が許可されていません。システム担当者にお問い合わせください。")


class PeerAnsweredBadly(TachiyoriError):
    """Another party answered with something that is not of the protocol."""

    code = "peer-answered-badly"
    status = 502
    words = phrase("相手団体から正しい応答がありませんでした。しばらく待ってから、もう一度お試しください。")


class PeerRefused(TachiyoriError):
    """Another party understood and said no; ``answered`` is its HTTP status and ``body`` what it sent, unverified."""

    code = "peer-refused"
    status = 502
    words = phrase("相手団体のシステムが要求を受け付けませんでした。システム担当者にお問い合わせください。")

    def __init__(self, detail: str = "", *, answered: int, body: bytes = b"") -> None:
        """Keep what the other party answered, so that the caller can find the problem in it."""
        super().__init__(detail)
        self.answered = answered
        self.body = body


class FeedEpochGone(TachiyoriError):
    """The feed began a new epoch; the reader starts again from the beginning."""

    code = "feed-epoch-gone"
    status = 410
    words = phrase("フィードが作り直されました。最初から読み直してください。")
