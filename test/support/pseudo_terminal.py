"""Runs a command on a pseudo-terminal and does what a person would: waits for words, types, sends signals, goes away.

usage: pseudo_terminal.py <steps> <command> [argument ...]

<steps> is a JSON object: columns, rows, and steps, each of which may have `until` (a regular expression that the
output since the last step must match first) and one of `type` (text), `signal` (a name) and `hangUp` (true). Prints
one JSON object: output, code (null where a signal ended the process), signal.
"""

import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import sys
import termios

plan = json.loads(sys.argv[1])
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[2], sys.argv[2:])
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", plan["rows"], plan["columns"], 0, 0))

output = b""
seen = 0


def read(timeout):
    """Takes what the terminal shows; False once nobody can write to it any more."""
    global output
    ready, _, _ = select.select([terminal], [], [], timeout)
    if not ready:
        return True
    try:
        piece = os.read(terminal, 65536)
    except OSError:
        return False
    output += piece
    return piece != b""


is_open = True
for step in plan["steps"]:
    pattern = step.get("until")
    while is_open and pattern and not re.search(pattern, output[seen:].decode("utf-8", "replace")):
        is_open = read(0.1)
    seen = len(output)
    if not is_open:
        break
    if "type" in step:
        os.write(terminal, step["type"].encode())
    if "signal" in step:
        os.kill(pid, getattr(signal, step["signal"]))
    if step.get("hangUp"):
        os.close(terminal)
        is_open = False
while is_open:
    is_open = read(0.1)
_, status = os.waitpid(pid, 0)
ended_by = os.WTERMSIG(status) if os.WIFSIGNALED(status) else None
code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else None
print(
    json.dumps(
        {
            "output": output.decode("utf-8", "replace"),
            "code": code,
            "signal": signal.Signals(ended_by).name if ended_by else None,
        }
    )
)
