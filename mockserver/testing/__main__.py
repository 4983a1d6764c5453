"""``python -m mockserver.testing``: the command line, in a process that ends with the one that started it.

Its standard input is a pipe, which closes when that process ends, whichever way it does.
"""

import os
import signal
import threading

from mockserver.cli import main


def _end_with_the_pipe() -> None:
    os.read(0, 1)  # nothing is ever written: it returns at the end
    os.kill(os.getpid(), signal.SIGTERM)


threading.Thread(target=_end_with_the_pipe, daemon=True).start()
main()
