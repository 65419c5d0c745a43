"""Before the frozen program starts: what it starts itself gets the system's libraries, not the ones frozen with it."""

import os

KEPT = "LD_LIBRARY_PATH_ORIG"

if "LD_LIBRARY_PATH" in os.environ:
    before = os.environ.pop(KEPT, "")
    if before:
        os.environ["LD_LIBRARY_PATH"] = before
    else:
        del os.environ["LD_LIBRARY_PATH"]
