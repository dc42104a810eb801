"""The 連携基盤: admits members, anchors trust, federates listings. It never learns who sits where."""
