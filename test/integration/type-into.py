"""Runs a program for terminals in one of its own, and types lines into it: each once the terminal shows a text. Ends with it.

type-into.py PROGRAM [SHOWN LINE]...
"""

import fcntl
import os
import pty
import select
import struct
import sys
import termios

program, *script = sys.argv[1:]
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(program, [program])
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 160, 0, 0))

shown = b""
while True:
    select.select([terminal], [], [])
    try:
        shown += os.read(terminal, 65536)
    except OSError:
        break
    if script and script[0].encode() in shown:
        _, line, *script = script
        shown = b""
        os.write(terminal, line.encode() + b"\r")
