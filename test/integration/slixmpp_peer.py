"""A slixmpp client that a test drives: commands come by line on standard input, events go by line, as JSON, to
standard output. It reconnects at once whenever its line drops, and resumes its session where it can."""

import asyncio
import json
import logging
import sys

import slixmpp


def tell(event, **more):
    print(json.dumps({"event": event, **more}), flush=True)


class Peer(slixmpp.ClientXMPP):
    def __init__(self, jid, password, port, certificate):
        super().__init__(jid, password)
        self.ca_certs = certificate
        self.port = port
        self.leaving = False
        self.register_plugin("xep_0198", {"window": 2})
        self.add_event_handler("session_start", self.started)
        self.add_event_handler("session_resumed", lambda _: tell("resumed"))
        self.add_event_handler("sm_enabled", lambda _: tell("enabled"))
        self.add_event_handler("sm_failed", lambda _: tell("failed"))
        self.add_event_handler("message", self.received)
        self.add_event_handler("disconnected", self.dropped)

    def dial(self):
        self.connect(("127.0.0.1", self.port))

    def started(self, _):
        self.send_presence()
        tell("started", jid=str(self.boundjid))

    def received(self, message):
        tell("message", body=message["body"], type=message["type"], delayed="delay" in message.keys())

    def dropped(self, _):
        tell("dropped")
        if not self.leaving:
            self.loop.call_later(0.05, self.dial)

    async def obey(self):
        reader = asyncio.StreamReader()
        await self.loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        while line := await reader.readline():
            command = json.loads(line)
            if command["do"] == "say":
                self.send_message(command["to"], command["body"], mtype="chat")
            elif command["do"] == "abandon" and self.transport is not None:
                # The line is dead and nobody told us: give it up as an application would after a timeout.
                self.transport.abort()
        self.leaving = True
        self.disconnect()
        self.loop.call_later(1, self.loop.stop)


if __name__ == "__main__":
    logging.basicConfig(level=logging.ERROR, stream=sys.stderr)
    peer = Peer(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4])
    peer.dial()
    # asyncio itself keeps no task alive.
    obeying = asyncio.ensure_future(peer.obey(), loop=peer.loop)
    peer.loop.run_forever()
