"""What may stand in the way of an answer in a roll call (在館者確認)."""

from federation.errors.request import Conflict
from federation.wording import phrase


class RollCallAnswered(Conflict):
    """Another warden has said something else of the person meanwhile."""

    code = "roll-call-answered"
    words = phrase(
        "この方については、ほかの職員が先に別の記録をしました。最新の状態を確認し、必要ならもう一度押してください。"
    )


class RollCallOver(Conflict):
    """The roll call has ended."""

    code = "roll-call-over"
    words = phrase("この点呼は終了しています。続ける場合は、新しい点呼を始めてください。")
