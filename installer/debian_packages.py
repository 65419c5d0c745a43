"""The Debian packages that the program and its tests need; only missing ones are installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from steps import StepFailed, Steps

PACKAGES = (
    # a real PC/SC service with a virtual reader, and what pyscard is built with
    *("pcscd", "vsmartcard-vpcd", "libpcsclite-dev", "swig", "gcc", "libc6-dev", "python3-dev", "python3-venv"),
    # a screen for real windows, and what Qt's xcb platform loads
    *("xvfb", "xauth", "libegl1", "libgl1", "libxkbcommon-x11-0", "libxcb-cursor0", "libxcb-icccm4"),
    *("libxcb-keysyms1", "libxcb-shape0", "libxcb-image0", "libxcb-render-util0", "libxcb-xinerama0"),
    *("libxcb-randr0", "libxcb-util1", "libdbus-1-3", "libfontconfig1", "libglib2.0-0"),
    # the crash lab: a disk of our own whose power is cut, and programs that are told another time
    *("fuse3", "libfuse3-3", "faketime"),
    # a real spooler, a real keyring, and a reader of PDF text
    *("cups", "cups-client", "cups-daemon", "dbus", "gnome-keyring", "poppler-utils", "binutils"),
    # the second opinion on codes in pictures
    "libzbar0",
    # a database server for the training province; tests run a cluster of their own
    "postgresql",
)
NAME = "Debian packages"


def install_debian_packages(steps: Steps) -> None:
    """Install what is missing; raises StepFailed without root or sudo."""
    if shutil.which("dpkg-query") is None:
        steps.skip(NAME, "this is not Debian, nothing to do")
        return
    missing = [name for name in PACKAGES if not _installed(name)]
    if not missing:
        steps.skip(NAME, "all there")
        return
    # Where nobody can type, sudo must not ask.
    prefix = [] if os.geteuid() == 0 else ["sudo"] if sys.stdin.isatty() else ["sudo", "-n"]
    if prefix and shutil.which("sudo") is None:
        steps.head()
        raise StepFailed(NAME, f"missing: {' '.join(missing)}", "run this as root, or install sudo")
    # dpkg does not work without the system folders, which `su` leaves out.
    path = f"{os.environ.get('PATH', '')}:/usr/local/sbin:/usr/sbin:/sbin"
    silent = [*prefix, "env", f"PATH={path}", "DEBIAN_FRONTEND=noninteractive"]
    kept = ("--force-confdef", "--force-confold")
    apt = [*silent, "apt-get", "-q", "-y", *(f"-oDpkg::Options::={option}" for option in kept)]
    steps.do(
        f"{NAME} ({len(missing)} missing)",
        (
            # An installation that was interrupted is in the way of the next one.
            [*silent, "dpkg", "--configure", "-a", *kept],
            [*apt, "update"],
            [*apt, "install", "--no-install-recommends", *missing],
        ),
        "check the network, the package sources and the right to use sudo, then run the same command again",
    )


def _installed(name: str) -> bool:
    query = ["dpkg-query", "-W", "-f", "${Status}", name]
    found = subprocess.run(query, capture_output=True, text=True, check=False)
    return found.stdout == "install ok installed"
