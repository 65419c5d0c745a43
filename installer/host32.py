"""The 32-bit host of x86 reader drivers, for the Windows package, made by mingw: `python3 installer/host32.py [FILE]`.

Without FILE it comes to where the program looks for it, and the spec takes it along. Standard library only.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

CROSS = "i686-w64-mingw32-gcc"
SOURCE = Path(__file__).resolve().parent.parent / "hardware" / "readers" / "sscard" / "host32.c"
OPTIONS = ("-std=c11", "-O2", "-Wall", "-Wextra", "-Werror", "-static", "-s")


def main(arguments: list[str]) -> int:
    """Compile it and tell where it is."""
    if shutil.which(CROSS) is None:
        print(f"{CROSS} is missing. remedy: apt-get install gcc-mingw-w64-i686", file=sys.stderr)
        return 1
    made = Path(arguments[0]) if arguments else SOURCE.with_suffix(".exe")
    code = subprocess.run([CROSS, *OPTIONS, "-o", str(made), str(SOURCE)], check=False).returncode
    if code == 0:
        print(f"the 32-bit host is {made}")
    return code


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
