"""Run a Python script, and end it and all that it started when its time is up: ``bounded.py SECONDS SCRIPT [ARGUMENT ...]``."""

from __future__ import annotations

import os
import signal
import subprocess
import sys


def main() -> int:
    """Return the script's exit code, or 124 when it took too long."""
    seconds, *command = sys.argv[1:]
    with subprocess.Popen([sys.executable, *command], start_new_session=os.name == "posix") as process:
        try:
            return process.wait(float(seconds))
        except subprocess.TimeoutExpired:
            print(f"{command[0]} was still running after {seconds} s", file=sys.stderr)
            return 124
        finally:
            if process.poll() is None:
                if os.name == "posix":
                    os.killpg(process.pid, signal.SIGKILL)
                else:
                    process.kill()


if __name__ == "__main__":
    raise SystemExit(main())
