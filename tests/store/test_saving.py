"""What is written is written only over what it was decided on, whoever asks."""

from dataclasses import replace

import pytest

from ncvr.errors import ChangedMeanwhile
from ncvr.store import costings, studies
from tests.offices import IRAS, Town
from tests.services.walks import agreed, at


def test_a_review_and_a_costing_are_not_written_over_a_revision_they_were_not_read_with(both: Town) -> None:
    review, costing = agreed(both), at(both, "RA9")
    with pytest.raises(ChangedMeanwhile, match="somebody else changed it first"), both.store.writing() as connection:
        studies.save(connection, replace(review, revision=review.revision + 1), before=review.revision - 1)
    with pytest.raises(ChangedMeanwhile, match="somebody else changed it first"), both.store.writing() as connection:
        costings.save(connection, replace(costing, revision=costing.revision + 1), before=costing.revision - 1)
    with both.store.writing() as connection:
        studies.save(connection, replace(review, revision=review.revision + 1), before=review.revision)
        costings.save(connection, replace(costing, revision=costing.revision + 1), before=costing.revision)
        kept = studies.read(connection, IRAS)
    assert kept is not None
    assert (kept.revision, at(both, "RA9").revision) == (review.revision + 1, costing.revision + 1)
