"""Enrolling this machine at the province with a one-time code, where no counter runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.domain.clock import SystemClock
from app.domain.refusal import Refusal
from app.journal.keys import KeyStoreAway
from app.services import settings
from app.services.folder_door import Place, folder_door
from app.services.operator import operator_name
from app.services.province_address import address_of


@dataclass(frozen=True)
class Enrolled:
    """What this machine has from now on."""

    device: str
    key_id: str
    expires_at: datetime


def enrol_machine(place: Place, code: str) -> Enrolled | Refusal:
    """Have the machine of a folder enrolled; a row of the audit chain says by whom.

    Refuses as `Settings.missing`, `folder_door` and `line_enrolment.enrol` do; LINE-AUTHORITY-UNUSABLE.
    """
    found = settings.load(place.folder, place.training, None)
    if isinstance(found, Refusal):
        return found
    missing = found.missing()
    if missing is not None or found.province_url is None:
        return missing or Refusal("PROVINCE-NOT-SET")
    # httpx is slow to load, and what is missing is told at once.
    from app.services.device_line import open_device_line

    with folder_door(place) as opened:
        if isinstance(opened, Refusal):
            return opened
        try:
            line = open_device_line(found, address_of(found, found.province_url), SystemClock())
            secrets = line.enrol(code)
        except KeyStoreAway as away:
            return away.refusal
        except OSError:
            return Refusal.of("LINE-AUTHORITY-UNUSABLE", file=found.province_ca)
        if isinstance(secrets, Refusal):
            return secrets
        detail = {"device": secrets.device, "key_id": secrets.key_id}
        opened.journal.run(lambda tx: tx.audit("line.enrolled", operator_name(), "done", detail=detail)).result()
    return Enrolled(secrets.device, secrets.key_id, secrets.expires_at)
