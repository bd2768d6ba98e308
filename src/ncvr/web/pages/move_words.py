"""What each move is called, what follows from it, what it asks, and what is said once it is done. Who may make it, and when, the domain knows.

``{...}`` stands for what the page knows: the version, the lead site, the site, the edition in force.
"""

from dataclasses import dataclass

from ncvr.domain.site_costing import RefusalReason


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveWords:
    """``act`` names the act, on the link, the heading and the button; ``fields`` are asked on the check page."""

    operation: str
    act: str
    consequence: str
    done: str
    fields: tuple[str, ...] = ()
    ends: bool = False


REVIEW_WORDS: dict[str, MoveWords] = {
    "submit": MoveWords(
        operation="review.submit",
        act="Submit for review",
        consequence="{lead} takes the schedule on, or sends it back with a reason; until then nobody edits it. "
        "The first submission also fixes whether the study counts as late or early phase.",
        done="The schedule is submitted. The lead site takes it on, or sends it back with a reason",
        fields=("protocol_version",),
    ),
    "accept": MoveWords(
        operation="review.accept",
        act="Accept for review",
        consequence="You take the review on. From then on only your site edits the schedule, until you hand it to the company or both of you agree it.",
        done="You have taken the review on. The schedule is yours to edit and to query",
    ),
    "revert": MoveWords(
        operation="review.revert",
        act="Send back as a draft",
        consequence="The company edits the schedule again and submits it anew. Your reason is kept and shown to them.",
        done="The schedule is a draft again. The company mends it and submits it anew",
        fields=("reason",),
    ),
    "query": MoveWords(
        operation="review.query",
        act="Send the queries to the company",
        consequence="The company answers your open queries and may edit the schedule. You cannot edit it until they hand it back.",
        done="The queries are with the company. You hear of it here when they hand the schedule back",
    ),
    "respond": MoveWords(
        operation="review.respond",
        act="Hand back to the lead site",
        consequence="{lead} reads your answers and edits the schedule again. You cannot edit it until they hand it to you.",
        done="The schedule is with the lead site again",
    ),
    "agree": MoveWords(
        operation="review.agree",
        act="Agree the resource",
        consequence="You agree the schedule as it stands. When the company confirms it, the resource is fixed for all sites. "
        "Editing it before that takes your agreement back.",
        done="You have agreed the resource. It is fixed for all sites when the company confirms it",
    ),
    "confirm": MoveWords(
        operation="review.agree",
        act="Confirm the resource",
        consequence="The resource is fixed for all sites as version {version}, and every listed site is priced from it at once. "
        "This cannot be undone; a later change is an amendment.",
        done="The resource is agreed and fixed, and the listed sites are priced. Lock each price, then share it with its site",
    ),
    "amend": MoveWords(
        operation="review.amend",
        act="Amend the study",
        consequence="A draft of version {next} opens. Version {version}, its prices and its contracts stay as they are. "
        "Once version {next} is agreed, every price that is not contracted is made anew from it.",
        done="A draft of the next version is open. Change it, then submit it for review",
        fields=("reason",),
    ),
    "withdraw": MoveWords(
        operation="review.withdraw",
        act="Withdraw the study",
        consequence="The review ends for everybody, and this study cannot be taken up again. What was recorded stays.",
        done="The study is withdrawn",
        fields=("reason",),
        ends=True,
    ),
    "withdraw_amendment": MoveWords(
        operation="review.withdraw",
        act="Withdraw the amendment",
        consequence="The draft of version {version} is dropped, and version {agreed} stands again. What was recorded stays.",
        done="The amendment is withdrawn. The agreed version stands again",
        fields=("reason",),
        ends=True,
    ),
}

SITE_WORDS: dict[str, MoveWords] = {
    "lock": MoveWords(
        operation="costing.lock",
        act="Lock the price",
        consequence="You take the price as it is, and its contract can be made. You can unlock it until it is shared.",
        done="The price is locked. Complete the contract’s details, then share it with the site",
    ),
    "share": MoveWords(
        operation="costing.share",
        act="Share with the site",
        consequence="{site} sees its price and its contract from now on, and accepts, refuses or escalates. A shared price cannot be unlocked.",
        done="The price and its contract are shared. The site answers",
    ),
    "accept": MoveWords(
        operation="costing.accept",
        act="Accept the price",
        consequence="You accept the price as it came out of the national tariff. The company then sees to the signatures.",
        done="You have accepted the price. The company sees to the signatures",
    ),
    "refuse": MoveWords(
        operation="costing.refuse",
        act="Refuse the price",
        consequence="The company sees that you refuse and why, and your refusal counts in the national figures. "
        "Nobody can negotiate the price; if an activity is missing from the costing, escalate it instead.",
        done="You have refused the price. The company sees your reason",
        fields=("reason_code", "reason"),
        ends=True,
    ),
    "decline": MoveWords(
        operation="costing.decline",
        act="Decline to take part",
        consequence="Your site does not take part in this study. This says nothing about the price and does not count as a refusal of it.",
        done="You have declined to take part",
        fields=("reason",),
        ends=True,
    ),
    "contract": MoveWords(
        operation="costing.contract",
        act="Record the signed contract",
        consequence="The price is frozen for good, with its edition, multiplier, version and template. Only a variation can follow.",
        done="The contract is recorded, and its price is frozen",
        fields=("signed_on", "fingerprint", "template"),
    ),
    "unlock": MoveWords(
        operation="costing.unlock",
        act="Unlock the price",
        consequence="The price goes back to priced. Nothing was shared, so the site notices nothing.",
        done="The price is unlocked",
        fields=("reason",),
    ),
    "reprice": MoveWords(
        operation="costing.reprice",
        act="Re-price from the edition in force",
        consequence="The site is priced again from edition {edition}. The old price is kept and can be read; the costing goes back to priced, "
        "and a contract that was shared does not count any more.",
        done="The site is priced again. Lock the new price",
    ),
    "reassign": MoveWords(
        operation="costing.reassign",
        act="Move to the successor",
        consequence="The costing moves to the organisation that succeeds this one, and is priced with its own multiplier. Both codes are kept.",
        done="The costing has moved to the successor and is priced there",
        fields=("ods_code",),
    ),
    "vary": MoveWords(
        operation="costing.vary",
        act="Vary the contract",
        consequence="The contract carries version {agreed} from now on. What has not changed keeps its signed price; "
        "what is new or changed is priced by the edition’s rule.",
        done="The contract is varied. The variation is kept beside the signed price",
    ),
    "withdraw": MoveWords(
        operation="costing.withdraw",
        act="Withdraw the site",
        consequence="This costing ends, and {site} does not take part unless it is added anew. What was recorded stays.",
        done="The site is withdrawn",
        fields=("reason",),
        ends=True,
    ),
}

ALL_WORDS: dict[str, MoveWords] = {
    "lock": MoveWords(
        operation="costing.lock",
        act="Lock all prices",
        consequence="You take each of these prices as it is. Each can be unlocked until it is shared.",
        done="The prices are locked. Complete the contracts’ details, then share them",
    ),
    "share": MoveWords(
        operation="costing.share",
        act="Share all with their sites",
        consequence="Each site sees its own price and contract from now on, and nothing of another site. A shared price cannot be unlocked.",
        done="The prices and their contracts are shared. Each site answers for itself",
    ),
}

REFUSAL_WORDS: dict[RefusalReason, str] = {
    "set_up_fees": "Set-up fees",
    "outsourcing": "Work that has to be bought in",
    "indirect_costs": "Indirect costs",
    "capacity_building": "Capacity building",
    "staff_rates": "Staff rates",
    "missing_item": "Something is missing from the costing",
    "other": "Another reason",
}

# What a page says once one of these moves is made (``?said=``).
SAID_OF_MOVES: dict[str, str] = {
    **{f"review-{name}": words.done for name, words in REVIEW_WORDS.items()},
    **{f"site-{name}": words.done for name, words in SITE_WORDS.items()},
    **{f"all-{name}": words.done for name, words in ALL_WORDS.items()},
}
