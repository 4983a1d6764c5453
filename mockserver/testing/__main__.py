"""``python -m mockserver.testing``: the command line, in a process that ends when its parent ends.

Standard input is a pipe from the parent. It closes when the parent ends, even if it is killed.
"""

import os
import signal
import threading

from mockserver.cli import main


def _end_with_parent() -> None:
    os.read(0, 1)  # nothing is written to the pipe, so this returns when it closes
    os.kill(os.getpid(), signal.SIGTERM)


threading.Thread(target=_end_with_parent, daemon=True).start()
main()
