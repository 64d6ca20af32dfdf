"""slixmpp with its plugin xep_0198. The library leaves it to the application when to connect again: here 50 ms after
each `disconnected`."""

import asyncio
import logging
import sys

import slixmpp
from lines import Outbox, read_commands, tell


class Client(slixmpp.ClientXMPP):
    def __init__(self, jid, password, port, certificate):
        super().__init__(jid, password)
        self.port = port
        self.ca_certs = certificate
        self.outbox = Outbox(lambda to, body: self.send_message(to, body, mtype="chat"))
        self.register_plugin("xep_0198", {"window": 2})
        self.add_event_handler("session_start", self.started)
        self.add_event_handler("session_resumed", lambda _: self.up("resumed"))
        self.add_event_handler("message", lambda message: tell("got", message["body"]) if message["body"] else None)
        self.add_event_handler("disconnected", self.dropped)

    def dial(self):
        self.connect(("127.0.0.1", self.port))

    def started(self, _):
        self.send_presence()
        self.up("bound")

    def up(self, how):
        tell(how)
        self.outbox.open()

    def dropped(self, _):
        tell("down")
        self.outbox.close()
        self.loop.call_later(0.05, self.dial)


logging.basicConfig(level=logging.ERROR, stream=sys.stderr)
client = Client(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4])
client.dial()
# asyncio itself keeps no task alive.
commands = asyncio.ensure_future(read_commands(client.loop, client.outbox.say), loop=client.loop)
commands.add_done_callback(lambda _: client.loop.stop())
client.loop.run_forever()
