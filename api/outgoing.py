"""Large answers on their way out: sent in pieces, to readers who read, and only so many bytes at once."""

from __future__ import annotations

import asyncio

from starlette.requests import ClientDisconnect
from starlette.types import Message, Send

#: Bytes of a piece, and seconds that a reader has for each: less than 2 kB a second is no reading.
PIECE, PATIENCE = 64 * 1024, 30.0
#: What all answers over a piece may hold together while they wait for their readers.
MOST = 512 << 20
#: What an answer counts for whose size is not told: a part of it in memory, the rest in a file.
UNTOLD = 16 << 20


class Outgoing:
    """How many bytes of large answers are held for their readers."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self.held = 0

    def hold(self, size: int) -> bool:
        """Make room for an answer; tell whether there was any.

        >>> outgoing = Outgoing(100)
        >>> outgoing.hold(60), outgoing.hold(60), outgoing.held
        (True, False, 60)
        """
        if self.held + size > self._most:
            return False
        self.held += size
        return True

    def let_go(self, size: int) -> None:
        """Give the room of an answer back."""
        self.held -= size


async def deliver(message: Message, send: Send, start: Message | None = None) -> None:
    """Send a message, a large body in pieces; raise ClientDisconnect when the reader does not take one in time.

    A small one has to wait too: for who did not read what was sent before it. What starts an answer may go with it.
    """
    body, before = message.get("body", b""), () if start is None else (start,)
    if len(body) <= PIECE:
        await _send_in_time(send, *before, message)
        return
    if start is not None:
        await _send_in_time(send, start)
    for at in range(0, len(body), PIECE):
        more = message.get("more_body", False) or at + PIECE < len(body)
        await _send_in_time(send, {**message, "body": body[at : at + PIECE], "more_body": more})


async def _send_in_time(send: Send, *messages: Message) -> None:
    try:
        async with asyncio.timeout(PATIENCE):
            for message in messages:
                await send(message)
    except TimeoutError as error:
        raise ClientDisconnect from error
