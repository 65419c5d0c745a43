"""One operation as the reference wire carries it, over the line or in a sealed file."""

from __future__ import annotations

from collections.abc import Mapping

from app.province.port import UploadItem


def item_body(item: UploadItem) -> Mapping[str, object]:
    """Return an operation's JSON object."""
    return {
        "op_id": item.op_id,
        "device_seq": item.device_seq,
        "kind": item.kind,
        "order_key": item.order_key,
        "payload": item.payload,
        "payload_sm3": item.payload_sm3,
        "schema_ver": item.schema_ver,
        "occurred_at": item.occurred_at.isoformat(),
        "base_version": item.base_version,
        "age_s": item.age_s,
    }
