"""What the form of an entry of the schedule asks, and where the entry stands: in an arm, or in one of the study's lists."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, get_args

from ncvr.domain.permissions import not_found
from ncvr.domain.study import Activity, Arm, Costed, PassThrough, Record, StudyActivity, UnscheduledActivity, Visit
from ncvr.web.pages.schedule import LISTS, SeenSchedule


@dataclass(frozen=True, slots=True, kw_only=True)
class FormField:
    """A field of the form; ``choices`` make it a list to choose from. ``more``: it stands below what is needed most."""

    name: str
    label: str
    hint: str = ""
    choices: tuple[str, ...] = ()
    number: bool = False
    width: str = ""
    more: bool = False


def _choices(model: type[Record], name: str) -> tuple[str, ...]:
    return get_args(model.model_fields[name].annotation)


_NAME = FormField(name="name", label="Name")
_TYPE = FormField(name="type", label="Type", choices=_choices(Costed, "type"))
_DEPARTMENT = FormField(name="department", label="Department", hint="Leave it empty to take the one of the tariff", width="20")
_WHEN = FormField(name="when", label="When it is paid", hint="Such as: if the participant withdraws early", more=True)
_MOST = FormField(name="max", label="At most how often", number=True, width="4", more=True)
_ABOUT = (
    FormField(name="protocol_ref", label="Where the protocol asks for it", hint="Such as: 6.2", width="20", more=True),
    FormField(name="no_charge", label="No charge, because", hint="Only where there are no resources", more=True),
    FormField(name="to_do", label="Still to do", hint="Only where there are no resources yet", more=True),
)
_PAID = FormField(name="payment", label="Paid", hint="visit: in the price of its visits; item: each time it is done", choices=("visit", "item"))
_PER = FormField(name="per", label="Per", choices=_choices(StudyActivity, "per"))
_EXPECTED = FormField(name="expected", label="Expected how often", number=True, width="4", more=True)
FIELDS: dict[type[Any], tuple[FormField, ...]] = {
    Activity: (_NAME, _TYPE, _DEPARTMENT, _PAID, _WHEN, _MOST, *_ABOUT),
    UnscheduledActivity: (_NAME, _TYPE, _DEPARTMENT, FormField(name="arm", label="Arm", hint="Its id; empty is any arm", width="10"), _WHEN, _MOST, *_ABOUT),
    StudyActivity: (_NAME, _TYPE, _DEPARTMENT, FormField(name="trigger", label="What it is paid on", hint="Such as: site opened"), _PER, _EXPECTED, *_ABOUT),
    PassThrough: (
        _NAME,
        FormField(name="basis", label="Basis", hint="Such as: at cost, on receipt"),
        FormField(name="cap", label="At most, in pounds", hint="Such as: 35.00. Empty is no limit", width="10"),
        FormField(name="per", label="Per", hint="Such as: visit", width="20"),
    ),
}
MODELS: dict[str, type[Any]] = {"unscheduled": UnscheduledActivity, "setup_and_closedown": StudyActivity, "pass_through": PassThrough}


@dataclass(kw_only=True)
class Place:
    """Where an entry stands or is to stand: an arm or one of the study's lists."""

    seen: SeenSchedule
    container: str
    entry: Any = None

    @property
    def model(self) -> type[Any]:
        return MODELS.get(self.container, Activity)

    @property
    def arm(self) -> Arm | None:
        return self.seen.arms.get(self.container)

    @property
    def visits(self) -> Sequence[Visit]:
        return self.arm.visits if self.arm is not None else ()

    @property
    def words(self) -> str:
        return self.arm.name if self.arm is not None else LISTS[self.container]

    @property
    def back(self) -> str:
        """The page this came from."""
        review = f"/studies/{self.seen.review.iras_id}/review"
        return f"{review}?arm={self.container}" if self.arm is not None else f"{review}/other"

    @property
    def costed(self) -> bool:
        return issubclass(self.model, Costed)


def place_of(seen: SeenSchedule, entry_id: str) -> Place:
    """Where an entry stands. Raises NotFound."""
    lists: dict[str, Sequence[Any]] = {arm.id: arm.activities for arm in seen.review.study.arms}
    lists |= {name: getattr(seen.review.study, name) for name in LISTS}
    for container, entries in lists.items():
        found = next((entry for entry in entries if entry.id == entry_id), None)
        if found is not None:
            return Place(seen=seen, container=container, entry=found)
    raise not_found(f"study {seen.review.iras_id}, {entry_id}")


def place_named(seen: SeenSchedule, container: str) -> Place:
    """Where a new entry is to stand, the first arm if nothing is said. Raises NotFound."""
    own = [arm.id for arm in seen.review.study.arms if arm.same_as is None]
    container = container or next(iter(own), "unscheduled")
    if container not in LISTS and container not in own:
        raise not_found(f"study {seen.review.iras_id}, list {container}")
    return Place(seen=seen, container=container)
