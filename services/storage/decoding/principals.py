"""`campaign.principals`: who may push what. The hash of the key is left out; a tombstone leaves the last row."""

from services.contracts.following import Record
from services.contracts.principals import decode_principal
from services.storage.decoding.origin import Origin, micros, optional_micros
from services.storage.decoding.results import read_result
from services.storage.rows import PrincipalRow, Row


def principal_rows(record: Record, origin: Origin) -> list[Row]:
    if record.value is None:
        return []
    principal = read_result(decode_principal, record.value)
    return [
        PrincipalRow(
            id=principal.id,
            name=principal.name,
            campaign=principal.campaign,
            role=principal.role,
            origin=principal.origin,
            source_prefix=principal.source_prefix,
            all_units=principal.units is None,
            units=sorted(principal.units or ()),
            issued=micros(principal.issued),
            revoked=optional_micros(principal.revoked),
            generation=origin.generation,
            offset=record.offset,
        )
    ]
