"""What a power cut can leave of the files that a real process wrote, from a record of its system calls.

Between two syncs of a file the disk may have any of the writes made to it, in any order, whole or in part: each is dropped,
kept, or kept in some of its 512-byte sectors only. What was written before a sync that returned is there. Not modelled: a
disk that lies about a sync, and loss of a folder's entries.
"""

import random
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

SECTOR = 512
CALLS = "pwrite64,fsync,fdatasync,ftruncate,unlink,sendto"
STRACE = ("strace", "-f", "--seccomp-bpf", "-qq", "-xx", "-y", "-s", "1000000", "-e", f"trace={CALLS}", "-e", "signal=none")

_BEGUN = re.compile(r'^(\d+) +(\w+)\((?:\d+<([^>]*)>)?(?:, )?(?:"([^"]*)")?(?:, )?(.*)$')
_RESUMED = re.compile(r"^(\d+) +<\.\.\. (\w+) resumed>(.*)$")
_ANSWER = re.compile(rb"HTTP/1\.1 (\d+) ")
_CORRELATION = re.compile(rb"(?i)\r\nx-correlation-id: ([^\r]+)\r\n")


@dataclass(frozen=True, slots=True)
class Write:
    """Bytes put into a file; or with ``cut``, the file cut or grown to ``offset`` bytes."""

    file: str
    offset: int
    content: bytes = b""
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Synced:
    """A sync that returned: whatever was written to the file before the event of this number is on the disk."""

    file: str
    before: int


@dataclass(frozen=True, slots=True)
class Removed:
    file: str


@dataclass(frozen=True, slots=True)
class Answered:
    """The first bytes of an answer leave: from here on somebody may have been told."""

    status: int
    correlation_id: str


Event = Write | Synced | Removed | Answered


def recorded(log: Path, folder: Path) -> list[Event]:
    """What the process did to the files of a folder, and what it answered, in the order in which it happened."""
    events: list[Event] = []
    syncing: dict[str, Synced] = {}
    with log.open(encoding="ascii") as lines:
        for line in lines:
            resumed = _RESUMED.match(line)
            if resumed is not None:
                if resumed[2] in ("fsync", "fdatasync") and resumed[3].rstrip().endswith("= 0") and resumed[1] in syncing:
                    events.append(syncing.pop(resumed[1]))
                continue
            begun = _BEGUN.match(line)
            if begun is not None:
                _note(events, syncing, folder, *begun.groups(""))
    return events


def _note(events: list[Event], syncing: dict[str, Synced], folder: Path, thread: str, call: str, of: str, text: str, rest: str) -> None:
    if call == "sendto":
        said = _bytes(text)
        status, correlation_id = _ANSWER.match(said), _CORRELATION.search(said)
        if status and correlation_id:
            events.append(Answered(int(status[1]), correlation_id[1].decode()))
        return
    path = Path(_bytes(text if call == "unlink" else of).decode())
    if path.parent != folder or path.name.endswith("-shm"):  # the index of the log is made anew from the log
        return
    if call == "pwrite64":
        size, offset = re.match(r"(\d+), (\d+)", rest).groups()  # type: ignore[union-attr]
        content = _bytes(text)
        assert len(content) == int(size), "the record is cut short"
        events.append(Write(path.name, int(offset), content))
    elif call == "ftruncate":
        events.append(Write(path.name, int(rest.partition(")")[0].split()[0]), cut=True))
    elif call == "unlink":
        events.append(Removed(path.name))
    elif "unfinished" in rest:
        syncing[thread] = Synced(path.name, len(events))
    elif rest.rstrip().endswith("= 0"):
        events.append(Synced(path.name, len(events)))


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", ""))


@dataclass
class Disk:
    """The files as they surely are, and the writes that may or may not have arrived, by event number."""

    sure: dict[str, bytearray]
    waiting: dict[str, list[tuple[int, Write]]] = field(default_factory=lambda: defaultdict(list))

    def happen(self, number: int, event: Event) -> None:
        if isinstance(event, Write):
            self.waiting[event.file].append((number, event))
        elif isinstance(event, Removed):
            self.sure.pop(event.file, None)
            self.waiting.pop(event.file, None)
        elif isinstance(event, Synced):
            waiting = self.waiting[event.file]
            for _, write in (each for each in waiting if each[0] < event.before):
                _apply(self.sure.setdefault(event.file, bytearray()), write)
            self.waiting[event.file] = [each for each in waiting if each[0] >= event.before]

    def after_power_cut(self, chance: random.Random) -> dict[str, bytes]:
        """One of the many states in which the disk may be found."""
        files = {name: bytearray(content) for name, content in self.sure.items()}
        arrives = chance.choice((0.0, 0.5, 0.5, 0.9, 1.0))
        for name, writes in self.waiting.items():
            kept = writes[: chance.randint(0, len(writes))] if chance.random() < 0.3 else writes
            for _, write in kept:
                if chance.random() < arrives:
                    _apply(files.setdefault(name, bytearray()), write, chance if chance.random() < 0.3 else None)
        return {name: bytes(content) for name, content in files.items()}


def _apply(content: bytearray, write: Write, torn: random.Random | None = None) -> None:
    if write.cut:
        if write.offset < len(content):
            del content[write.offset :]
        else:
            content.extend(bytes(write.offset - len(content)))
        return
    end = write.offset + len(write.content)
    if end > len(content):
        content.extend(bytes(end - len(content)))
    if torn is None:
        content[write.offset : end] = write.content
        return
    for start in range(0, len(write.content), SECTOR):
        if torn.random() < 0.5:
            piece = write.content[start : start + SECTOR]
            content[write.offset + start : write.offset + start + len(piece)] = piece


def power_cuts(first: dict[str, bytes], events: Sequence[Event], count: int, chance: random.Random) -> Iterator[tuple[int, dict[str, bytes]]]:
    """So many states after a power cut at any moment of the record: the number of events that happened, and the files."""
    moments = sorted(chance.randint(0, len(events)) for _ in range(count))
    disk, happened = Disk({name: bytearray(content) for name, content in first.items()}), 0
    for moment in moments:
        for number in range(happened, moment):
            disk.happen(number, events[number])
        happened = moment
        yield moment, disk.after_power_cut(chance)
