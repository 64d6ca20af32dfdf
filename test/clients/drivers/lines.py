"""What the drivers in Python share: a command or an event a line, words with blanks between them."""

import asyncio
import sys


def tell(*words):
    print(*words, flush=True)


class Outbox:
    """Holds what is to be sent while there is no session that would take it, as an application does."""

    def __init__(self, send):
        self.send = send
        self.waiting = []
        self.is_open = False

    def say(self, to, body):
        if self.is_open:
            self.send(to, body)
        else:
            self.waiting.append((to, body))

    def open(self):
        self.is_open = True
        waiting, self.waiting = self.waiting, []
        for to, body in waiting:
            self.say(to, body)

    def close(self):
        self.is_open = False


async def read_commands(loop, say):
    """Calls `say` with the addressee and the body of each command; returns when the test closes the pipe."""
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        _, to, body = line.decode().split()
        say(to, body)
