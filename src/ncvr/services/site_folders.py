"""All contracts of one or more studies, ready to send: a folder for each site that tells nothing of any other, and an index.

Everything is handed on file by file while it is made, so memory stays flat however many sites there are.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ncvr.domain.details import Details, SiteDetails
from ncvr.domain.signing_key import KeyList
from ncvr.domain.study import Study
from ncvr.domain.verdict import Verdict
from ncvr.errors import Finding, InputError, NcvrError
from ncvr.files.contract_index import IndexRow, index_csv, index_page, readme
from ncvr.files.json_files import written_json
from ncvr.files.price_explanation import explanation_page
from ncvr.files.template_registry import RegisteredTemplate, read_templates
from ncvr.files.verification_report import report_page
from ncvr.files.workbook_writer import WorkbookOrder, write_workbook
from ncvr.services.contract_rows import index_row
from ncvr.services.contracting import SiteContract, fill_one_by_one, random_salt
from ncvr.services.own_check import own_verdict
from ncvr.services.pricing import PricedSites, price_sites

if TYPE_CHECKING:
    from ncvr.files.signing_keys import Signer  # brings in cryptography, which only signing needs

PRICES, EXPLANATION, VERIFICATION, SUMS = "prices.json", "explanation.html", "verification.html", "SHA256SUMS"


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyContracts:
    """A study whose contracts are wanted, with what they need beside its prices."""

    study: Study
    details: Details


@dataclass(slots=True, kw_only=True)
class SiteFolders:
    """The order for a set of contracts. ``files`` makes it; then ``notices`` and ``rows`` say what there was to say.

    ``progress`` is told of each finished site: how many are done, of how many, and the site's row of the index.
    """

    template: str
    templates: Path
    tariffs: Path
    on: date
    signer: "Signer | None" = None
    salt: Callable[[], str] = random_salt
    uncertified: bool = False
    progress: Callable[[int, int, IndexRow], None] = lambda _done, _all, _row: None
    notices: dict[Finding, None] = field(default_factory=dict)
    rows: list[IndexRow] = field(default_factory=list)
    _registered: dict[str, RegisteredTemplate] = field(default_factory=dict)

    def files(self, wanted: Sequence[StudyContracts]) -> Iterator[tuple[str, bytes]]:
        """Every file by its path, the index last. Raises the errors of pricing and filling, of all studies and sites at once.

        A contract of ours that does not pass our own check is a fault, and is refused like everything else.
        """
        _check_each_once(wanted)
        priced = self._priced(wanted)
        total, problems = sum(len(sites.prices) for sites in priced), list[NcvrError]()
        for order, sites in zip(wanted, priced, strict=True):
            try:
                for contract in self._contracts(sites, order.details):
                    yield from self._folder(contract, order.details.for_site(contract.site))
                    self.progress(len(self.rows), total, self.rows[-1])
            except NcvrError as problem:
                problems.append(problem)
        _raise_all(problems)
        yield from self._root()

    def _priced(self, wanted: Sequence[StudyContracts]) -> list[PricedSites]:
        priced, problems = list[PricedSites](), list[NcvrError]()
        for order in wanted:
            try:
                priced.append(price_sites(order.study, self.tariffs, self.on))
            except NcvrError as problem:
                problems.append(problem)
        _raise_all(problems)
        self.notices |= dict.fromkeys(notice for sites in priced for notice in sites.notices)
        return priced

    def _contracts(self, sites: PricedSites, details: Details) -> Iterator[SiteContract]:
        return fill_one_by_one(sites, details, template=self.template, templates=self.templates, salt=self.salt, uncertified=self.uncertified)

    def _folder(self, contract: SiteContract, details: SiteDetails) -> Iterator[tuple[str, bytes]]:
        self.notices |= dict.fromkeys(contract.notices)
        study = contract.price.costs.study
        name = contract.file_name(study.study.iras_id)
        folder = f"{study.study.iras_id}_{contract.site}_{contract.template.replace('/', '_')}"
        receipt = dict(contract.receipt) if self.signer is None else self.signer.signed(contract.receipt)
        verdict = self._verdict(contract, receipt)
        made = {
            name: contract.content,
            f"{name.removesuffix('.docx')}.receipt.json": written_json(receipt),
            f"{study.study.iras_id}_{contract.site}_workbook{'_ILLUSTRATIVE' * contract.illustrative}.xlsx": self._workbook(contract),
            PRICES: written_json(contract.prices),
            EXPLANATION: explanation_page(contract.price, on=self.on, fingerprint=contract.prices["prices"][0]["fingerprint"]).encode("utf-8"),
            VERIFICATION: report_page(verdict, document=name, price=PRICES).encode("utf-8"),
        }
        made[SUMS] = "".join(f"{hashlib.sha256(content).hexdigest()}  {each}\n" for each, content in made.items()).encode("utf-8")
        yield from ((f"{folder}/{each}", content) for each, content in made.items())
        self.rows.append(index_row(contract, verdict, self._registered[contract.template], details, folder, name))

    def _workbook(self, contract: SiteContract) -> bytes:
        """The schedule with this site's prices alone."""
        price = contract.price
        sites = [(price.site.key, price.name, price.multiplier)]
        return write_workbook(WorkbookOrder(study=price.costs.study, edition=price.costs.edition, on=self.on, sites=sites, only_site=price.site.key))

    def _verdict(self, contract: SiteContract, receipt: Mapping[str, Any]) -> Verdict:
        """Our own check of what we filled, as the other party will make it."""
        if not self._registered:
            self._registered |= {template.name: template for template in read_templates(self.templates)[0]}
        return own_verdict(contract, receipt, self._registered[contract.template], self.signer)

    def _root(self) -> Iterator[tuple[str, bytes]]:
        yield "index.csv", index_csv(self.rows)
        yield "index.html", index_page(self.rows)
        yield "README.txt", readme(self.rows, signed=self.signer is not None)
        if self.signer is not None:
            yield "check_receipt.py", files("ncvr.files").joinpath("docx_receipt_checker.py").read_bytes()
            yield "keys.json", written_json(KeyList(keys=[self.signer.key]).model_dump(mode="json"))


def _check_each_once(wanted: Sequence[StudyContracts]) -> None:
    ids = [order.study.study.iras_id for order in wanted]
    if twice := sorted({str(each) for each in ids if ids.count(each) > 1}):
        raise InputError(f"two of the studies have one IRAS ID ({', '.join(twice)})", "studies", "Give each study once; its folders are named by its IRAS ID")


def _raise_all(problems: Sequence[NcvrError]) -> None:
    if problems:
        raise type(problems[0]).of(dict.fromkeys(finding for problem in problems for finding in problem.findings))
