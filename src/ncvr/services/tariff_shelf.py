"""The tariff editions and organisations a running service works with: read when first asked for, and again when a file changes."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from threading import Lock, local

from ncvr.domain.tariff import Organisation, TariffEdition, edition_in_force, near
from ncvr.errors import NoTariffInForce, NotFound, TariffFileError
from ncvr.files.tariff_files import read_editions, read_organisations

_Stamp = tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Contents:
    stamp: _Stamp
    editions: tuple[TariffEdition, ...]
    organisations: dict[str, Organisation]


@dataclass(slots=True)
class TariffShelf:
    """``folder`` holds the editions. A request never sees half a change: contents are replaced as a whole."""

    folder: Path
    _contents: _Contents | None = None
    _lock: Lock = field(default_factory=Lock)
    _still: local = field(default_factory=local)

    @contextmanager
    def standing_still(self) -> Iterator[None]:
        """Within it, whoever asks again in the same thread gets what was read first: one act sees one state of the files.

        A page of ten sites asks some sixty times, and looking whether twenty files changed takes a thousandth of a second.
        """
        outermost = not getattr(self._still, "on", False)
        self._still.on = True
        try:
            yield
        finally:
            if outermost:
                self._still.on, self._still.contents = False, None

    def editions(self) -> tuple[TariffEdition, ...]:
        """Every edition, oldest first. Raises TariffFileError with everything that is wrong with any."""
        return self._read().editions

    def organisations(self) -> dict[str, Organisation]:
        return self._read().organisations

    def in_force(self, on: date) -> TariffEdition:
        """The edition in force on a day. Raises NoTariffInForce before the first."""
        return edition_in_force(self.editions(), on)

    def begun(self, on: date) -> TariffEdition | None:
        """The edition in force on a day; None before the first, for what shows no price."""
        try:
            return self.in_force(on)
        except NoTariffInForce:
            return None

    def named(self, name: str) -> TariffEdition:
        """The edition of this name. Raises NotFound with near names."""
        known = {edition.edition: edition for edition in self.editions()}
        if name not in known:
            raise NotFound(f"there is no edition {name!r}{near(name, known)}", "edition", "Choose one of the list of tariffs")
        return known[name]

    def is_open(self, ods_code: str, on: date) -> bool:
        """Whether the organisation is open that day; one that is not in the list is not."""
        listed = self.organisations().get(ods_code)
        return listed is not None and listed.open_on(on)

    def _read(self) -> _Contents:
        seen: _Contents | None = getattr(self._still, "contents", None)
        if seen is not None:
            return seen
        contents = self._newest()
        if getattr(self._still, "on", False):
            self._still.contents = contents
        return contents

    def _newest(self) -> _Contents:
        stamp = self._stamp()
        with self._lock:
            if self._contents is None or self._contents.stamp != stamp:
                editions = read_editions(self.folder).or_raise(TariffFileError)
                organisations = read_organisations(self.folder).or_raise(TariffFileError)
                self._contents = _Contents(stamp=stamp, editions=editions, organisations=organisations)
            return self._contents

    def _stamp(self) -> _Stamp:
        files = sorted(path for path in self.folder.rglob("*") if path.is_file())
        return tuple((str(path), (seen := path.stat()).st_mtime_ns, seen.st_size) for path in files)
