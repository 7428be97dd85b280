"""One measurement, one process, bounded in time."""

import json
import os
import selectors
import signal
import subprocess
import tempfile
import time


class Failed(Exception):
    """A process gave no result; the text says why and what to do."""


def run(command, limit, environment=None):
    """Runs a command; returns (text of standard output, peak resident bytes, seconds to its first byte of output).

    The process and its children are ended after `limit` seconds.
    """
    with tempfile.TemporaryFile() as errors:
        start = time.perf_counter()
        try:
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, stdin=subprocess.DEVNULL,
                                       start_new_session=True, env={**os.environ, **(environment or {})})
        except OSError as error:
            raise Failed(f"{command[0]}: {error.strerror}. Remedy: build or install it, or say where it is.") from error
        try:
            output, first = read_all(process.stdout, start, limit)
        except BaseException:
            # Nothing is left running: not after the limit, nor when the user breaks off.
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise
        process.stdout.close()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            errors.seek(0)
            lines = errors.read().decode(errors="replace").strip().splitlines() or ["nothing on standard error"]
            raise Failed(f"{why(process.returncode)}: {lines[-1][:300]}")
    return output.decode(errors="replace"), usage.ru_maxrss * 1024, first


def read_all(stream, start, limit):
    """All bytes of a pipe, and the seconds from `start` to the first of them."""
    output, first = b"", None
    with selectors.DefaultSelector() as selector:
        selector.register(stream, selectors.EVENT_READ)
        while True:
            left = start + limit - time.perf_counter()
            if left <= 0 or not selector.select(timeout=left):
                raise Failed(f"no result in {limit:.0f} s. Remedy: quieten the machine, or raise --limit.")
            piece = os.read(stream.fileno(), 65536)
            if not piece:
                return output, first
            first = first or time.perf_counter() - start
            output += piece


def why(code):
    return f"ended by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"


def last_object(output):
    """The JSON object on the last line."""
    lines = output.strip().splitlines()
    try:
        return json.loads(lines[-1])
    except (IndexError, ValueError) as error:
        raise Failed(f"printed no JSON object but {lines[-1:]!r}. Remedy: run the command by hand.") from error
