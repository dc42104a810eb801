"""知らせの送信先: what the town's own programs and chats hear of bookings, how it is signed, sent and given up."""
