"""What there is to hear of: each kind with its words, in the order of the form. A message's ``type`` is one of these."""

from collections.abc import Mapping

from federation.wording import phrase

MADE, CHANGED, CANCELLED = "booking.made", "booking.changed", "booking.cancelled"
CHECKED_IN, NO_SHOW = "booking.checked_in", "booking.no_show"
TRIP_BOOKED, TRIP_CHANGED, TRIP_CANCELLED = "trip.booked", "trip.changed_by_host", "trip.cancelled"
TRIP_OFFERED = "trip.offered"
TRIAL = "webhook.test"
"""What the trial button sends; nobody chooses it."""

HERE: Mapping[str, str] = {
    MADE: phrase("この団体の座席に予約が入った（承認待ちを含む）"),
    CHANGED: phrase("この団体の座席の予約が変わった（座席、時間、承認）"),
    CANCELLED: phrase("この団体の座席の予約がなくなった（取消し、不承認、失効）"),
    CHECKED_IN: phrase("予約した人が入室した"),
    NO_SHOW: phrase("予約の時間が終わるまで、だれも来なかった"),
}
"""At our own desks, whoever booked them."""
ELSEWHERE: Mapping[str, str] = {
    TRIP_BOOKED: phrase("この団体の職員の予約が受け付けられた（承認待ちを含む）"),
    TRIP_CHANGED: phrase("この団体の職員の予約が、受入団体の側で変わった（確定、変更、取消し）"),
    TRIP_CANCELLED: phrase("この団体の職員が予約を取り消した"),
    TRIP_OFFERED: phrase("この団体の職員に、空き待ちの座席が案内された"),
}
"""Of our own staff, wherever they booked."""
KINDS: Mapping[str, str] = {**HERE, **ELSEWHERE}

TITLES: Mapping[str, str] = {
    MADE: phrase("座席の予約が入りました"),
    CHANGED: phrase("座席の予約が変わりました"),
    CANCELLED: phrase("座席の予約がなくなりました"),
    CHECKED_IN: phrase("予約した人が入室しました"),
    NO_SHOW: phrase("予約の時間が終わりましたが、だれも来ませんでした"),
    TRIP_BOOKED: phrase("職員の予約が受け付けられました"),
    TRIP_CHANGED: phrase("職員の予約が、受入団体の側で変わりました"),
    TRIP_CANCELLED: phrase("職員が予約を取り消しました"),
    TRIP_OFFERED: phrase("職員に、空き待ちの座席が案内されました"),
    TRIAL: phrase("知らせの送信先の確認です"),
}
"""What a card says above its facts."""
