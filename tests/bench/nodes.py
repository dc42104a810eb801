"""Nodes that publish their listings and nothing else: one process, a port each. ``python -m tests.bench.nodes 200 500``.

Prints the ports as JSON once all of them listen. Pages are written when they are asked for, the same ones every time.
"""

import asyncio
import json
import random
import sys
from urllib.parse import parse_qs, urlsplit

from tests.bench import nation

FEED = "/feeds/listings"
PAGE = 500
_SITES = 20


def pages(port: int, number: int, desks: int) -> list[bytes]:
    """Return the pages of one node's feed, the last of them empty."""
    chance, own = random.Random(number), f"http://localhost:{port}"
    sites = [nation.site(chance, each, number, nation.CENTRE) for each in range(_SITES)]
    made = [("site", row) for row in sites]
    made += [("desk", nation.desk(chance, each, sites[each % _SITES])) for each in range(desks)]
    written = [
        f'{{"state":"updated","kind":"{kind}","id":"{row["id"]}","modified":{place},'
        f'"data":{row["data"].replace(nation.origin(number), own)}}}'
        for place, (kind, row) in enumerate(made, start=1)
    ]
    starts = list(range(0, len(written), PAGE))
    found = [_page(own, min(start + PAGE, len(written)), written[start : start + PAGE]) for start in starts]
    return [*found, _page(own, len(written), [])]


def _page(own: str, upto: int, items: list[str]) -> bytes:
    text = f'{{"next":"{own}{FEED}?afterChangeNumber={upto}","items":[{",".join(items)}],"license":"https://example.org/"}}'
    return text.encode()


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int, desks: int) -> None:
    port = writer.get_extra_info("sockname")[1]
    kept: list[bytes] = []
    while line := await reader.readline():
        while (await reader.readline()).strip():
            pass
        kept = kept or pages(port, number, desks)
        after = int(parse_qs(urlsplit(line.split()[1].decode()).query).get("afterChangeNumber", ["0"])[0])
        body = kept[-(-after // PAGE)]
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
        await writer.drain()
    writer.close()


async def main(nodes: int, desks: int) -> None:
    """Listen on so many ports, and serve until the process is ended."""

    def answering(number: int) -> asyncio.Future[asyncio.Server]:
        return asyncio.ensure_future(
            asyncio.start_server(lambda one, other: _answer(one, other, number, desks), "127.0.0.1", 0)
        )

    servers = [await answering(number) for number in range(1, nodes + 1)]
    print(json.dumps([server.sockets[0].getsockname()[1] for server in servers]), flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*map(int, sys.argv[1:])))
