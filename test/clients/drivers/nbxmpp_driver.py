"""nbxmpp, the library of Gajim. It resumes in `connect()`, which the application calls when it is told
`disconnected`."""

import sys

import gi

gi.require_version("Soup", "3.0")
from gi.repository import GLib  # noqa: E402
from lines import Outbox, tell  # noqa: E402
from nbxmpp.client import Client  # noqa: E402
from nbxmpp.const import ConnectionProtocol, ConnectionType  # noqa: E402
from nbxmpp.protocol import JID, Message, Presence  # noqa: E402
from nbxmpp.structs import StanzaHandler  # noqa: E402

jid = JID.from_string(sys.argv[1])
client = Client()
client.set_domain(jid.domain)
client.set_username(jid.localpart)
client.set_resource(jid.resource)
client.set_password(sys.argv[2])
client.set_custom_host(f"127.0.0.1:{sys.argv[3]}", ConnectionProtocol.TCP, ConnectionType.START_TLS)
client.set_ignore_tls_errors(True)
outbox = Outbox(lambda to, body: client.send_stanza(Message(to=to, body=body, typ="chat")))


def bound(*_):
    client.send_stanza(Presence())
    tell("bound")
    outbox.open()


def resumed(*_):
    tell("resumed")
    outbox.open()


def dropped(*_):
    tell("down")
    outbox.close()

    def again():
        client.connect()
        return GLib.SOURCE_REMOVE

    GLib.timeout_add(100, again)


def received(_client, _stanza, properties):
    if properties.body:
        tell("got", properties.body)


client.subscribe("connected", bound)
client.subscribe("resume-successful", resumed)
client.subscribe("disconnected", dropped)
client.subscribe("connection-failed", dropped)
client.register_handler(StanzaHandler(name="message", callback=received, priority=100))

loop = GLib.MainLoop()
commands = GLib.IOChannel.unix_new(sys.stdin.fileno())


def command(channel, condition):
    line = channel.readline() if condition & GLib.IO_IN else ""
    if line == "":
        loop.quit()
        return GLib.SOURCE_REMOVE
    _, to, body = line.split()
    outbox.say(to, body)
    return GLib.SOURCE_CONTINUE


GLib.io_add_watch(commands, GLib.PRIORITY_DEFAULT, GLib.IO_IN | GLib.IO_HUP, command)
client.connect()
loop.run()
