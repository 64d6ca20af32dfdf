"""profanity and poezio, which are programs for a terminal: they get one, what a user would say is typed into it, and
what was said is read from their own logs of conversations. Both connect again by themselves."""

import asyncio
import fcntl
import os
import pathlib
import pty
import re
import struct
import sys
import termios

from lines import read_commands, tell

program, jid, password, port, certificate, home = sys.argv[1:7]
home = pathlib.Path(home)
user, resource = jid.split("/")


def write(path, text):
    path = home / path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


class Profanity:
    args = ["profanity", "-a", "account"]
    command = "msg {} {}"
    logs = ".local/share/profanity/chatlogs"
    # HH:MM:SS - sender: text
    line = re.compile(r" - (\S+): (\S+)$", re.M)
    own = "me"

    def configure(self):
        write(
            ".local/share/profanity/accounts",
            f"[account]\nenabled=true\njid={user}\nresource={resource}\npassword={password}\n"
            f"server=127.0.0.1\nport={port}\ntls.policy=trust\n",
        )
        write(
            ".config/profanity/profrc",
            "[connection]\nreconnect=1\n[chatstates]\nenabled=false\n[logging]\nchlog=true\n",
        )


class Poezio:
    args = ["poezio"]
    command = "message {} {}"
    logs = ".local/share/poezio/logs"
    # MR 20260101T120000Z 000 <sender>  text
    line = re.compile(r"^MR \S+ \d+ <([^>]+)>\s+(\S+)$", re.M)
    own = user.split("@")[0]

    def configure(self):
        write(
            ".config/poezio/poezio.cfg",
            f"[Poezio]\njid = {jid}\npassword = {password}\ncustom_host = 127.0.0.1\ncustom_port = {port}\n"
            f"ca_cert_path = {certificate}\nenable_smacks = true\nauto_reconnect = true\nsend_chat_states = false\n"
            "request_message_receipts = false\nenable_avatars = false\nmam_sync = false\nuse_bookmarks_method =\n",
        )


class Logs:
    """Tells what was received, and knows what was sent."""

    def __init__(self, client):
        self.client = client
        self.read_so_far = {}
        self.sent = set()

    def read(self):
        for path in sorted((home / self.client.logs).rglob("*")):
            if not path.is_file():
                continue
            whole_lines = path.read_text(errors="replace").rpartition("\n")[0] + "\n"
            lines = self.client.line.findall(whole_lines)
            for sender, body in lines[self.read_so_far.get(path, 0) :]:
                if sender == self.client.own:
                    self.sent.add(body)
                else:
                    tell("got", body)
            self.read_so_far[path] = len(lines)

    async def follow(self):
        while True:
            self.read()
            await asyncio.sleep(0.1)


class Terminal:
    """The program in a terminal of its own."""

    def __init__(self, args):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            for key in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
                os.environ.pop(key, None)
            os.environ.update(HOME=str(home), TERM="xterm", LANG="C.UTF-8", LC_ALL="C.UTF-8")
            os.execvp(args[0], args)
        tell("pid", self.pid)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 160, 0, 0))
        self.shown = bytearray()
        asyncio.get_running_loop().add_reader(self.fd, self.drain)

    def drain(self):
        try:
            self.shown.extend(os.read(self.fd, 65536))
        except OSError:
            asyncio.get_running_loop().remove_reader(self.fd)
            tell("gone")

    async def type(self, keys, echo):
        self.shown.clear()
        os.write(self.fd, keys.encode())
        await until(lambda: len(self.shown) > 0 and echo.encode() in self.shown, 2)


async def until(condition, seconds):
    for _ in range(int(seconds * 100)):
        if condition():
            return True
        await asyncio.sleep(0.01)
    return False


async def speak(client, terminal, logs, sentences):
    """Types what is to be said; again where it was not sent, as while the program is not connected."""
    while True:
        to, body = await sentences.get()
        while body not in logs.sent:
            # What comes at once is taken for a paste, and its line feed for a part of it: each waits for the echo of the
            # one before.
            for keys, echo in (("/", "/"), (client.command.format(to, body), body), ("\r", "")):
                await terminal.type(keys, echo)
            await until(lambda: body in logs.sent, 5)


async def main():
    client = {"profanity": Profanity, "poezio": Poezio}[program]()
    client.configure()
    terminal = Terminal(client.args)
    logs = Logs(client)
    sentences = asyncio.Queue()
    reading = read_commands(asyncio.get_running_loop(), lambda *sentence: sentences.put_nowait(sentence))
    tasks = [
        asyncio.ensure_future(task) for task in (logs.follow(), speak(client, terminal, logs, sentences), reading)
    ]
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    os.kill(terminal.pid, 9)
    for task in done:
        task.result()


asyncio.run(main())
