"""What lies beside a backup, ``ncvr-backup/1``: what it holds, so that damage done to it later is found."""

from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints

from ncvr.domain.prices_file import Hash
from ncvr.domain.study import Record, Text

FORMAT: Final = "ncvr-backup/1"
Count = Annotated[int, Field(ge=0)]
Moment = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{15}Z$")]
Schema = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}$")]


class BackedUpTable(Record):
    """``sha256`` is a sum over the rows' hashes."""

    columns: list[Text]
    rows: Count
    sha256: Hash


class BackedUpLedger(Record):
    """The ledger's head: as an anchor it shows later that nothing before it was cut or rewritten."""

    entries: Count
    head: Hash


class BackupNote(Record):
    """``sha256`` is that of the database file; ``prices`` how many were computed again and came out as kept."""

    format: Literal["ncvr-backup/1"] = FORMAT
    software: Text
    database_schema: Schema
    engine: Text
    taken_at: Moment
    ledger: BackedUpLedger
    prices: Count
    tables: dict[Text, BackedUpTable]
    sha256: Hash
