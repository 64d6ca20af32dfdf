"""aioxmpp, whose client connects again and resumes by itself; a second or more after the line dropped."""

import asyncio
import datetime
import logging
import sys

import aioxmpp
from lines import Outbox, read_commands, tell


async def main(jid, password, port):
    client = aioxmpp.PresenceManagedClient(
        aioxmpp.JID.fromstr(jid),
        aioxmpp.make_security_layer(password, no_verify=True),
        override_peer=[("127.0.0.1", port, aioxmpp.connector.STARTTLSConnector())],
    )
    client.backoff_cap = datetime.timedelta(seconds=2)

    def send(to, body):
        message = aioxmpp.Message(to=aioxmpp.JID.fromstr(to), type_=aioxmpp.MessageType.CHAT)
        message.body[None] = body
        client.enqueue(message)

    # What is enqueued while the line is down waits in the library; what is enqueued without a session is lost with it.
    outbox = Outbox(send)

    def received(message):
        if message.body.any():
            tell("got", message.body.any())

    def bound():
        tell("bound")
        outbox.open()

    def destroyed(*_):
        tell("destroyed")
        outbox.close()

    dispatcher = client.summon(aioxmpp.dispatcher.SimpleMessageDispatcher)
    dispatcher.register_callback(None, None, received)
    client.on_stream_established.connect(bound)
    client.on_stream_suspended.connect(lambda *_: tell("down"))
    client.on_stream_resumed.connect(lambda: tell("resumed"))
    client.on_stream_destroyed.connect(destroyed)
    client.on_failure.connect(lambda error: tell("failed", repr(error)))
    client.presence = aioxmpp.PresenceState(True)
    await read_commands(asyncio.get_running_loop(), outbox.say)


logging.basicConfig(level=logging.CRITICAL, stream=sys.stderr)
asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
