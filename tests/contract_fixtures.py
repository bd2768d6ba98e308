# ruff: noqa: E501 - the XML of the format is longer than a line
"""A second family of agreement, written by test code: template, profile, and an oracle that writes the filled contract.

The oracle does not edit the template. It writes the filled contract from the same description of the agreement, so it
shares nothing with the program's filler and an error of one cannot hide in the other.
"""

import hashlib
import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from ncvr.files.template_profile import TemplateProfile, read_profile

NAMESPACES = " ".join(
    f'xmlns:{prefix}="{uri}"'
    for prefix, uri in {
        "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
        "r": "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
        "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
        "wp": "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
        "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
        "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
        "w14": "http://schemas.microsoft.com/office/word/2010/wordml",
        "v": "urn:schemas-microsoft-com:vml",
    }.items()
)
MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STORE = "{0F3D2B1A-1111-4222-8333-444455556666}"


@dataclass(frozen=True)
class Arm:
    ref: str
    name: str
    visits: Sequence[Sequence[str]]  # ref, visit, window, price
    total: str


ARM_A = Arm("A", "Active", (("A/V1", "Screening", "Day -14 to -1", "£250.37"), ("A/V2", "Week 4", "± 3 days", "£131.02")), "£381.39")
ARM_B = Arm(
    "B", "Control", (("B/V1", "Screening", "Day -14 to -1", "£250.37"), ("B/V2", "Week 4", "± 3 days", "£99.00"), ("B/V3", "End", "–", "£0.00")), "£349.37"
)


@dataclass(frozen=True)
class Filling:
    """What a filled contract says. ``transplant`` keeps the conditional clause; ``keeper`` chooses an alternative."""

    study: str = "A study of “quiet” things"
    protocol: str = "QT-001"
    sponsor: str = "Smith & Nephew <UK> Ltd"
    sponsor_contact: str = "Ada Lovelace"
    site: str = "North Shire NHS Trust"
    site_code: str = "RXX"
    site_contact: str = "Grace Hopper"
    address: str = "1 High Street\nNorth Shire"
    iras: str = "1004567"
    edition: str = "2026-04-01-illustrative (illustrative, not an official tariff)"
    made_on: str = "1 July 2026"
    participants: str = "12"
    storage: str = "£450.00"
    phase: str = "III"
    keeper: str = "site"
    transplant: bool = False
    recitals: Sequence[str] | None = None
    arms: Sequence[Arm] = (ARM_A, ARM_B)
    setup: Sequence[Sequence[str]] = (("S01", "R&D set-up", "£1,234.56"), ("S02", "Pharmacy set-up", "£310.07"))


def run(text: str, properties: str = "") -> str:
    """A run; tabs and line breaks become elements, as a word processor writes them."""
    rpr = f"<w:rPr>{properties}</w:rPr>" if properties else ""
    pieces = []
    for line_number, line in enumerate(text.split("\n")):
        pieces += ["<w:br/>"] if line_number else []
        for tab_number, piece in enumerate(line.split("\t")):
            pieces += ["<w:tab/>"] if tab_number else []
            pieces += [f'<w:t xml:space="preserve">{escape(piece, quote=False)}</w:t>'] if piece else []
    return f"<w:r>{rpr}{''.join(pieces)}</w:r>" if pieces else ""


def par(inner: str, style: str = "", properties: str = "") -> str:
    ppr = (f'<w:pStyle w:val="{style}"/>' if style else "") + properties
    return f"<w:p>{f'<w:pPr>{ppr}</w:pPr>' if ppr else ''}{inner}</w:p>"


def complex_field(code: str, result: str, properties: str = "") -> str:
    mark = '<w:r><w:fldChar w:fldCharType="{}"/></w:r>'
    return (
        mark.format("begin")
        + f'<w:r><w:instrText xml:space="preserve"> {code} </w:instrText></w:r>'
        + mark.format("separate")
        + run(result, properties)
        + mark.format("end")
    )


def bookmark(name: str, number: int, inner: str) -> str:
    return f'<w:bookmarkStart w:id="{number}" w:name="{name}"/>{inner}<w:bookmarkEnd w:id="{number}"/>'


def cell(inner: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{inner}</w:tc>"


def row(*cells: str, properties: str = "") -> str:
    return f"<w:tr>{f'<w:trPr>{properties}</w:trPr>' if properties else ''}{''.join(cells)}</w:tr>"


def table(rows: str, columns: int) -> str:
    grid = "".join('<w:gridCol w:w="2400"/>' for _ in range(columns))
    return f'<w:tbl><w:tblPr><w:tblStyle w:val="Grid"/><w:tblW w:w="0" w:type="auto"/></w:tblPr><w:tblGrid>{grid}</w:tblGrid>{rows}</w:tbl>'


class Agreement:
    """The agreement's text; ``told`` is None for the template itself."""

    def __init__(self, told: Filling | None) -> None:
        self.told = told
        kept = told is None or told.transplant
        self.clause = {"transplant": 4, "payment": 5 if kept else 4, "general": 6 if kept else 5}
        self.kept = kept

    def value(self, name: str, prompt: str, properties: str = "") -> str:
        """The prompt in the template, the value in a contract; a prompt keeps its colour in the filled copy."""
        return run(prompt if self.told is None else getattr(self.told, name), properties)

    # -- stories

    def body(self) -> str:
        parts = [self.title(), self.contents(), self.recitals(), self.clauses(), self.schedule(), self.signatures()]
        return f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<w:document {NAMESPACES} mc:Ignorable="w14"><w:body>{"".join(parts)}</w:body></w:document>'

    def title(self) -> str:
        study = "[Title of study]" if self.told is None else self.told.study
        if self.told is None:  # one prompt over five runs of different formatting
            pieces = run("[Ti", "<w:b/>") + run("tle", "<w:i/>") + run(" of") + run(" stu", "<w:u w:val='single'/>") + run("dy]", "<w:sz w:val='30'/>")
        else:
            pieces = run(study, "<w:b/>")
        box = par(self.value("edition", "[Edition]", "<w:b/>"))
        drawing = (
            '<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent cx="3810000" cy="635000"/>'
            '<wp:docPr id="1" name="Box 1"/><a:graphic><a:graphicData uri="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"><wps:wsp><wps:cNvSpPr txBox="1"/>'
            '<wps:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="3810000" cy="635000"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></wps:spPr>'
            f"<wps:txbx><w:txbxContent>{box}</w:txbxContent></wps:txbx><wps:bodyPr/></wps:wsp></a:graphicData></a:graphic></wp:inline></w:drawing></mc:Choice>"
            f'<mc:Fallback><w:pict><v:shape style="width:300pt;height:50pt"><v:textbox><w:txbxContent>{box}</w:txbxContent></v:textbox></v:shape></w:pict></mc:Fallback>'
            "</mc:AlternateContent></w:r>"
        )
        return "".join(
            [
                par(run("Second agreement of the tests"), "Title"),
                par(run("Study: ") + pieces),
                par(drawing),
                par(run("between ") + self.value("sponsor", "[Sponsor]", "<w:color w:val='7A3E00'/>") + run(" and ") + self.value("site", "[Site]") + run(".")),
                par('<w:r><w:br w:type="page"/></w:r>'),
                *([par(run("Guidance: delete this paragraph and the next."), "Guidance"), par(run("Guidance ends."), "Guidance")] if self.told is None else []),
            ]
        )

    def contents(self) -> str:
        entries = [("1", "Definitions", "_Toc1"), ("2", "Notices", "_Toc2"), ("3", "Records", "_Toc3")]
        entries += [("4", "Transplantation", "_Toc4")] if self.kept else []
        entries += [(str(self.clause["payment"]), "Payment", "_Toc5"), (str(self.clause["general"]), "General", "_Toc6")]
        lines = []
        for at, (number, title, target) in enumerate(entries):
            page = complex_field(f"PAGEREF {target} \\h", "2", "<w:webHidden/>")
            link = f'<w:hyperlink w:anchor="{target}" w:history="1">{run(number + chr(9) + title + chr(9))}{page}</w:hyperlink>'
            begin = '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve"> TOC \\o "1-1" \\h \\z \\u </w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>'
            lines.append(par((begin if at == 0 else "") + link, "TOC1"))
        lines.append(par('<w:r><w:fldChar w:fldCharType="end"/></w:r>'))
        control = '<w:sdtPr><w:docPartObj><w:docPartGallery w:val="Table of Contents"/><w:docPartUnique/></w:docPartObj></w:sdtPr>'
        return f"<w:sdt>{control}<w:sdtContent>{par(run('Contents'), 'TOCHeading')}{''.join(lines)}</w:sdtContent></w:sdt>" + par(section("first", 1))

    def recitals(self) -> str:
        own = None if self.told is None else self.told.recitals
        texts = own or ("The sponsor wants a study.", "The site can do it.")
        return par(run("It is agreed as follows, because:")) + "".join(par(run(text), "Recital") for text in texts) + par(run("The recitals end here."))

    def clauses(self) -> str:
        text = [heading("Definitions", "_Toc1", 1)]
        text.append(
            par(
                run("“Site”\u00a0means the organisation named above; a twenty\u2011one day month has 21\u00a0days, and co\u00adoperate is one word.")
                + note_mark(),
                "Clause",
            )
        )
        text.append(par(run("The trust must") + run(" not", "<w:b/>") + run(" disclose\u2009anything within thirty (30) days of the "), "Clause"))
        text.append(
            par(run("a first thing; and"), "Letter")
            + par(run("a second thing, see clause ") + complex_field("REF _Pay \\r \\h", str(self.clause["payment"]) + ".1") + run("."), "Letter")
        )
        text.append(par(run("Bulleted point one"), "Bullet") + par(run("Bulleted point two"), "Bullet"))
        text.append(heading("Notices", "_Toc2", 2))
        text.append(
            par(run("Notices to the sponsor go to ") + self.value("sponsor_contact", "[Name]") + run(", and by mail to ") + mail_link() + run("."), "Clause")
        )
        text.append(par(run("Notices to the site go to ") + self.value("site_contact", "[Name]") + run(" at:"), "Clause"))
        text.append(par(self.value("address", "[Address]", "<w:i/>"), "Address"))
        text.append(par(run("Tick: ") + check_box(on=True) + run(" by post ") + '<w:r><w:sym w:font="Wingdings" w:char="F0FE"/></w:r>' + run("\tby mail")))
        text.append(self.two_by_two())
        text.append(heading("Records", "_Toc3", 3))
        for keeper, first, second in KEEPERS:
            if self.told is None or self.told.keeper == keeper:
                text += [par(run(f"[Alternative: {keeper}]"), "Guidance")] if self.told is None else []
                text.append(par(run(first), "Clause") + par(run(second), "Clause"))
        if self.kept:
            text.append(heading("Transplantation", "_Toc4", 4))
            text.append(par(bookmark("_Trans", 20, run("Organs are handled with care.")), "Clause") + par(run("Consent is asked for twice."), "Clause"))
        text.append(heading("Payment", "_Toc5", 5))
        text.append(
            par(
                bookmark(
                    "_Pay",
                    21,
                    run("The sponsor pays as the schedule says. Target: ") + self.control("participants", "[Target]", "target") + run(" participants."),
                ),
                "Clause",
            )
        )
        if self.kept:
            text.append(par(run("Clause ") + complex_field("REF _Trans \\r \\h", "4.1") + run(" applies to transplanted participants."), "Clause"))
        text.append(par(run("Storage costs ") + self.value("storage", "[Storage]") + run(" once."), "Clause"))
        text.append(heading("General", "_Toc6", 6))
        if self.told is None or self.told.phase == "I":
            text.append(par(run("Early phase studies begin with one participant."), "Clause"))
        text.append(
            par(run("This agreement is made on ") + self.bound("made_on", "[Date]") + run(" for phase ") + self.value("phase", "[Phase]") + run("."), "Clause")
        )
        return "".join(text) + par(section("default", 2))

    def control(self, name: str, prompt: str, tag: str) -> str:
        showing = "<w:showingPlcHdr/>" if self.told is None else ""
        return f'<w:sdt><w:sdtPr><w:tag w:val="{tag}"/>{showing}</w:sdtPr><w:sdtContent>{self.value(name, prompt)}</w:sdtContent></w:sdt>'

    def bound(self, name: str, prompt: str) -> str:
        binding = f'<w:dataBinding w:prefixMappings="xmlns:n=\'urn:tests:agreement\'" w:xpath="/n:agreement/n:made" w:storeItemID="{STORE}"/>'
        return f'<w:sdt><w:sdtPr><w:tag w:val="made"/>{binding}</w:sdtPr><w:sdtContent>{self.value(name, prompt)}</w:sdtContent></w:sdt>'

    def two_by_two(self) -> str:
        inner = table(row(cell(par(run("inner one"))), cell(par(run("inner two")))), 2)
        rows = row(cell(par(run("Across")), '<w:gridSpan w:val="2"/><w:shd w:val="clear" w:fill="DDE6F0"/>'))
        rows += row(cell(par(run("Down")), '<w:vMerge w:val="restart"/>'), cell(inner + par("")))
        rows += row(cell(par(""), "<w:vMerge/>"), cell(par(run("Below"))))
        site = row(cell(par(run("Protocol"))), cell(par(self.value("protocol", "[Protocol]"))))
        rows += f'<w:sdt><w:sdtPr><w:tag w:val="row"/></w:sdtPr><w:sdtContent>{site}</w:sdtContent></w:sdt>'
        rows += row(cell(par(run("IRAS"))), cell(par(self.value("iras", "[IRAS]") + run(" (") + self.value("site_code", "[Code]") + run(")"))))
        return table(rows, 2)

    def schedule(self) -> str:
        setup = [("[Ref]", "[Activity]", "[Price]")] if self.told is None else self.told.setup
        text = [par(run("Schedule"), "Heading1x"), par(run("A.1\tTyped numbers stand here."))]
        text.append(head_table(("Ref", "Activity", "Price"), setup))
        arms = [Arm("[Arm]", "[Arm name]", (("[Visit ref]", "[Visit]", "[Window]", "[Visit price]"),), "[Total]")] if self.told is None else self.told.arms
        for arm in arms:
            text.append(par(run("Arm ") + run(arm.ref) + run(": ") + run(arm.name), "Arm"))
            total = row(cell(par(run("Total for one participant")), '<w:gridSpan w:val="3"/>'), cell(par(run(arm.total, "<w:b/>"), "Amount")))
            text.append(head_table(("Reference", "Visit", "Window", "Price"), arm.visits, total))
        return "".join(text) + par(section("landscape", 3))

    def signatures(self) -> str:
        blank = "____________________"
        rows = row(cell(par(run("Signed for the sponsor"))), cell(par(run(blank)))) + row(cell(par(run("Signed for the site"))), cell(par(run(blank))))
        return par(run("Signatures"), "Heading1x") + table(rows, 2) + section_properties("default", 4)

    def footer(self, kind: str) -> str:
        page = complex_field("PAGE", "1")
        text = {
            "first": run("First page of protocol ") + self.value("protocol", "[Protocol]"),
            "default": run("IRAS ")
            + self.value("iras", "[IRAS]")
            + run("\tpage ")
            + page
            + run(" of ")
            + f'<w:fldSimple w:instr=" NUMPAGES ">{run("9")}</w:fldSimple>',
            "landscape": run("Schedule of ") + self.value("site", "[Site]"),
        }[kind]
        return f'<?xml version="1.0" encoding="UTF-8"?>\n<w:ftr {NAMESPACES}>{par(text, "Footer")}</w:ftr>'


KEEPERS = (
    ("site", "The site keeps the records in its own archive for the years the law asks for.", "It tells the sponsor where they are."),
    ("sponsor", "The sponsor pays an archive to keep the records for the years the law asks for.", "It tells the site where they are."),
)


def heading(text: str, target: str, number: int) -> str:
    return par(bookmark(target, number, run(text)), "Heading1")


def note_mark() -> str:
    return '<w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:footnoteReference w:id="2"/></w:r>'


def mail_link() -> str:
    return f'<w:hyperlink r:id="rIdMail">{run("trials@example.org", "<w:u w:val=" + chr(34) + "single" + chr(34) + "/>")}</w:hyperlink>'


def check_box(*, on: bool) -> str:
    data = f'<w:ffData><w:name w:val="Check1"/><w:enabled/><w:checkBox><w:sizeAuto/><w:default w:val="{int(on)}"/></w:checkBox></w:ffData>'
    return f'<w:r><w:fldChar w:fldCharType="begin">{data}</w:fldChar></w:r><w:r><w:instrText xml:space="preserve"> FORMCHECKBOX </w:instrText></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>'


def head_table(headers: Sequence[str], rows: Sequence[Sequence[str]], last: str = "") -> str:
    shade = '<w:shd w:val="clear" w:fill="1F3A5F"/>'
    head = row(*(cell(par(run(text, '<w:b/><w:color w:val="FFFFFF"/>')), shade) for text in headers), properties="<w:tblHeader/>")
    body = "".join(row(*(cell(par(run(text), "Amount" if at == len(headers) - 1 else "")) for at, text in enumerate(texts))) for texts in rows)
    return table(head + body + last, len(headers))


def section(kind: str, number: int) -> str:
    return f"<w:pPr>{section_properties(kind, number)}</w:pPr>"


def section_properties(kind: str, number: int) -> str:
    size = '<w:pgSz w:w="16838" w:h="11906" w:orient="landscape"/>' if kind == "landscape" else '<w:pgSz w:w="11906" w:h="16838"/>'
    footers = {
        "first": '<w:footerReference w:type="first" r:id="rIdFirst"/><w:footerReference w:type="default" r:id="rIdDefault"/>',
        "landscape": '<w:footerReference w:type="default" r:id="rIdLandscape"/>',
    }.get(kind, '<w:footerReference w:type="default" r:id="rIdDefault"/>' if number == 4 else "")
    margins = '<w:pgMar w:top="1440" w:right="1440" w:bottom="1440" w:left="1440" w:header="708" w:footer="708" w:gutter="0"/>'
    return f"<w:sectPr>{footers}{size}{margins}{'<w:titlePg/>' if kind == 'first' else ''}</w:sectPr>"


def _style(name: str, inner: str = "", *, based_on: str = "Normal", kind: str = "paragraph", extra: str = "") -> str:
    return f'<w:style w:type="{kind}" w:styleId="{name}"{extra}><w:name w:val="{name}"/>{f"<w:basedOn w:val={chr(34)}{based_on}{chr(34)}/>" if based_on else ""}{inner}</w:style>'


def styles() -> str:
    def numbered(num: int, level: int) -> str:
        return f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{num}"/></w:numPr>'

    listed = [
        _style("Normal", "", based_on="", extra=' w:default="1"'),
        _style("Title", '<w:pPr><w:jc w:val="center"/></w:pPr><w:rPr><w:b/><w:sz w:val="40"/></w:rPr>'),
        _style(
            "Heading1",
            f'<w:pPr><w:keepNext/>{numbered(1, 0)}<w:spacing w:before="240"/><w:outlineLvl w:val="0"/></w:pPr><w:rPr><w:b/><w:color w:val="1F3A5F"/></w:rPr>',
        ),
        _style("Heading1x", '<w:pPr><w:keepNext/><w:outlineLvl w:val="0"/></w:pPr><w:rPr><w:b/><w:color w:val="1F3A5F"/></w:rPr>'),
        _style("Clause", f"<w:pPr>{numbered(1, 1)}</w:pPr>"),
        _style("Letter", f"<w:pPr>{numbered(1, 2)}</w:pPr>"),
        _style("Bullet", f"<w:pPr>{numbered(2, 0)}</w:pPr>"),
        _style("Recital", '<w:pPr><w:ind w:left="360"/></w:pPr>'),
        _style("Address", '<w:pPr><w:ind w:left="720"/></w:pPr>'),
        _style("Guidance", '<w:rPr><w:i/><w:color w:val="8A4B08"/></w:rPr>'),
        _style("Arm", "<w:pPr><w:keepNext/></w:pPr><w:rPr><w:b/></w:rPr>"),
        _style("Amount", '<w:pPr><w:jc w:val="right"/></w:pPr>'),
        _style("Footer", '<w:rPr><w:sz w:val="18"/></w:rPr>'),
        _style("TOC1", '<w:pPr><w:tabs><w:tab w:val="left" w:pos="440"/><w:tab w:val="right" w:leader="dot" w:pos="9016"/></w:tabs></w:pPr>'),
        _style("TOCHeading", "<w:rPr><w:b/></w:rPr>"),
        _style("Plain", "", based_on="", kind="character", extra=' w:default="1"'),
        _style("Grid", "<w:tblPr><w:tblBorders><w:top w:val='single' w:sz='4'/></w:tblBorders></w:tblPr>", based_on="", kind="table"),
    ]
    defaults = '<w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:asciiTheme="minorHAnsi" w:hAnsiTheme="minorHAnsi"/><w:sz w:val="22"/></w:rPr></w:rPrDefault><w:pPrDefault><w:pPr><w:spacing w:after="120"/></w:pPr></w:pPrDefault></w:docDefaults>'
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<w:styles {NAMESPACES}>{defaults}{"".join(listed)}</w:styles>'


def numbering() -> str:
    def level(at: int, form: str, text: str, style: str) -> str:
        return f'<w:lvl w:ilvl="{at}"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:pStyle w:val="{style}"/><w:lvlText w:val="{text}"/><w:lvlJc w:val="left"/><w:pPr><w:ind w:left="{720 * (at + 1)}" w:hanging="720"/></w:pPr></w:lvl>'

    clauses = level(0, "decimal", "%1", "Heading1") + level(1, "decimal", "%1.%2", "Clause") + level(2, "lowerLetter", "(%3)", "Letter")
    bullets = level(0, "bullet", "•", "Bullet")
    lists = f'<w:abstractNum w:abstractNumId="0"><w:multiLevelType w:val="multilevel"/>{clauses}</w:abstractNum><w:abstractNum w:abstractNumId="1"><w:multiLevelType w:val="hybridMultilevel"/>{bullets}</w:abstractNum>'
    nums = "".join(f'<w:num w:numId="{num}"><w:abstractNumId w:val="{num - 1}"/></w:num>' for num in (1, 2))
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<w:numbering {NAMESPACES}>{lists}{nums}</w:numbering>'


def footnotes() -> str:
    mark = '<w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:footnoteRef/></w:r>'
    separators = f'<w:footnote w:type="separator" w:id="0">{par("<w:r><w:separator/></w:r>")}</w:footnote><w:footnote w:type="continuationSeparator" w:id="1">{par("<w:r><w:continuationSeparator/></w:r>")}</w:footnote>'
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<w:footnotes {NAMESPACES}>{separators}<w:footnote w:id="2">{par(mark + run(" Days are calendar days."))}</w:footnote></w:footnotes>'


def theme() -> str:
    a = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    colours = "".join(
        f"<a:{name}><a:srgbClr val='{value}'/></a:{name}>"
        for name, value in zip(
            ("dk1", "lt1", "dk2", "lt2", "accent1", "accent2", "accent3", "accent4", "accent5", "accent6", "hlink", "folHlink"),
            ("000000", "FFFFFF", "1F497D", "EEECE1", "4F81BD", "C0504D", "9BBB59", "8064A2", "4BACC6", "F79646", "0000FF", "800080"),
            strict=True,
        )
    )
    fonts = "".join(f"<a:{kind}Font><a:latin typeface='Arial'/><a:ea typeface=''/><a:cs typeface=''/></a:{kind}Font>" for kind in ("major", "minor"))
    fill = "<a:solidFill><a:schemeClr val='phClr'/></a:solidFill>" * 3
    line = "<a:ln w='9525'><a:solidFill><a:schemeClr val='phClr'/></a:solidFill></a:ln>" * 3
    effect = "<a:effectStyle><a:effectLst/></a:effectStyle>" * 3
    scheme = f"<a:fmtScheme name='x'><a:fillStyleLst>{fill}</a:fillStyleLst><a:lnStyleLst>{line}</a:lnStyleLst><a:effectStyleLst>{effect}</a:effectStyleLst><a:bgFillStyleLst>{fill}</a:bgFillStyleLst></a:fmtScheme>"
    return f"<?xml version='1.0' encoding='UTF-8'?>\n<a:theme {a} name='x'><a:themeElements><a:clrScheme name='x'>{colours}</a:clrScheme><a:fontScheme name='x'>{fonts}</a:fontScheme>{scheme}</a:themeElements></a:theme>"


def relationships(entries: Sequence[tuple[str, str, str]]) -> str:
    listed = "".join(
        f'<Relationship Id="{key}" Type="{kind if kind.startswith("http") else f"{OFFICE}/{kind}"}" Target="{target}"{" TargetMode=" + chr(34) + "External" + chr(34) if ":" in target else ""}/>'
        for key, kind, target in entries
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{listed}</Relationships>'
    )


def package(told: Filling | None) -> dict[str, str]:
    """Every part of the template (None) or of a filled contract, by name."""
    agreement = Agreement(told)
    made = "[Date]" if told is None else told.made_on
    types = {
        "/word/document.xml": f"{MAIN}.document.main+xml",
        "/word/styles.xml": f"{MAIN}.styles+xml",
        "/word/numbering.xml": f"{MAIN}.numbering+xml",
        "/word/footnotes.xml": f"{MAIN}.footnotes+xml",
        "/word/settings.xml": f"{MAIN}.settings+xml",
        "/word/fontTable.xml": f"{MAIN}.fontTable+xml",
        "/word/theme/theme1.xml": "application/vnd.openxmlformats-officedocument.theme+xml",
        "/customXml/itemProps1.xml": "application/vnd.openxmlformats-officedocument.customXmlProperties+xml",
        "/docProps/core.xml": "application/vnd.openxmlformats-package.core-properties+xml",
        **{f"/word/footer{at}.xml": f"{MAIN}.footer+xml" for at in (1, 2, 3)},
    }
    overrides = "".join(f'<Override PartName="{name}" ContentType="{kind}"/>' for name, kind in types.items())
    declaration = '<?xml version="1.0" encoding="UTF-8"?>\n'
    content_types = f'{declaration}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>{overrides}</Types>'
    main = [
        ("rId1", "styles", "styles.xml"),
        ("rId2", "numbering", "numbering.xml"),
        ("rId3", "footnotes", "footnotes.xml"),
        ("rId4", "settings", "settings.xml"),
    ]
    main += [("rId5", "fontTable", "fontTable.xml"), ("rId6", "theme", "theme/theme1.xml"), ("rId7", "customXml", "../customXml/item1.xml")]
    main += [
        ("rIdFirst", "footer", "footer1.xml"),
        ("rIdDefault", "footer", "footer2.xml"),
        ("rIdLandscape", "footer", "footer3.xml"),
        ("rIdMail", "hyperlink", "mailto:trials@example.org"),
    ]
    core = "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties"
    return {
        "[Content_Types].xml": content_types,
        "_rels/.rels": relationships([("rId1", "officeDocument", "word/document.xml"), ("rId2", core, "docProps/core.xml")]),
        "word/document.xml": agreement.body(),
        "word/_rels/document.xml.rels": relationships(main),
        "word/styles.xml": styles(),
        "word/numbering.xml": numbering(),
        "word/footnotes.xml": footnotes(),
        "word/settings.xml": f'{declaration}<w:settings {NAMESPACES}><w:zoom w:percent="100"/><w:defaultTabStop w:val="720"/></w:settings>',
        "word/fontTable.xml": f'{declaration}<w:fonts {NAMESPACES}><w:font w:name="Arial"><w:family w:val="swiss"/></w:font></w:fonts>',
        "word/theme/theme1.xml": theme(),
        "word/footer1.xml": agreement.footer("first"),
        "word/footer2.xml": agreement.footer("default"),
        "word/footer3.xml": agreement.footer("landscape"),
        "customXml/item1.xml": f'{declaration}<n:agreement xmlns:n="urn:tests:agreement"><n:made>{escape(made)}</n:made></n:agreement>',
        "customXml/itemProps1.xml": f'{declaration}<ds:datastoreItem ds:itemID="{STORE}" xmlns:ds="http://schemas.openxmlformats.org/officeDocument/2006/customXml"><ds:schemaRefs/></ds:datastoreItem>',
        "customXml/_rels/item1.xml.rels": relationships([("rId1", "customXmlProps", "itemProps1.xml")]),
        "docProps/core.xml": f'{declaration}<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Second agreement</dc:title></cp:coreProperties>',
    }


def zipped(parts: Mapping[str, str | bytes]) -> bytes:
    """A plain package of these parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def filled(told: Filling) -> bytes:
    """A contract as the oracle writes it."""
    return zipped(package(told))


@dataclass(frozen=True)
class SecondTemplate:
    content: bytes
    profile: TemplateProfile
    profile_sha256: str


PROFILE = """
format: ncvr-profile/1
family: second
version: tests-1
title: Second agreement of the tests
template_sha256: {sha256}
status: sample
fields:
  - {{name: study_title, source: study.title, prompt: "[Title of study]", max_length: 1000}}
  - {{name: edition, source: price.edition_and_status, prompt: "[Edition]", places: [{{story: box}}]}}
  - {{name: sponsor, source: details.sponsor.legal_name, prompt: "[Sponsor]"}}
  - {{name: site, source: site.legal_name, prompt: "[Site]", places: [{{}}, {{story: footer, pages: default}}]}}
  - {{name: sponsor_contact, source: details.notices.sponsor.contact, prompt: "[Name]", personal: true, places: [{{before: "sponsor go to "}}]}}
  - {{name: site_contact, source: details.notices.site.contact, prompt: "[Name]", personal: true, places: [{{before: "site go to "}}]}}
  - {{name: address, source: details.notices.site.address, prompt: "[Address]", type: multi-line, max_length: 500}}
  - {{name: protocol, source: study.protocol_number, prompt: "[Protocol]", places: [{{row: Protocol}}, {{story: footer, pages: first}}]}}
  - {{name: iras_id, source: study.iras_id, prompt: "[IRAS]", type: integer, places: [{{row: IRAS}}, {{story: footer, pages: default}}]}}
  - {{name: site_code, source: site.ods_code, prompt: "[Code]"}}
  - {{name: target, source: site.target_participants, prompt: "[Target]", type: integer, places: [{{control: target}}]}}
  - {{name: storage, source: details.archiving.cost, prompt: "[Storage]", type: money}}
  - {{name: made_on, source: details.dates.contract, prompt: "[Date]", type: date, places: [{{control: made}}]}}
  - {{name: phase, source: study.phase, prompt: "[Phase]"}}
  - {{name: arm_ref, source: arm.id, prompt: "[Arm]"}}
  - {{name: arm_name, source: arm.name, prompt: "[Arm name]"}}
  - {{name: arm_total, source: arm.per_participant, prompt: "[Total]", type: money}}
  - {{name: sponsor_signature, source: null, prompt: "____________________", may_stay_blank: true, places: [{{row: Signed for the sponsor}}]}}
  - {{name: site_signature, source: null, prompt: "____________________", may_stay_blank: true, places: [{{row: Signed for the site}}]}}
choices:
  - name: keeper
    source: details.choices.keeper
    alternatives:
      - {{value: site, spans: [{{first: The site keeps the records, last: It tells the sponsor where}}]}}
      - {{value: sponsor, spans: [{{first: The sponsor pays an archive, last: It tells the site where}}]}}
conditional_blocks:
  - name: transplantation
    keep_when: {{fact: details.conditions.transplantation, equals: true}}
    spans: [{{first: Transplantation, last: Consent is asked for twice}}, {{first: "Clause "}}]
  - {{name: early_phase, keep_when: {{fact: study.phase, equals: I}}, spans: [{{first: Early phase studies begin}}]}}
instructions:
  - {{name: guidance, spans: [{{first: "Guidance: delete", last: Guidance ends}}]}}
  - {{name: markers, spans: [{{first: "[Alternative: site]"}}, {{first: "[Alternative: sponsor]"}}]}}
free_zones:
  - {{name: recitals, source: details.recitals, after: "It is agreed as follows", before: The recitals end here, max_paragraphs: 5, max_length: 400}}
repeats:
  - name: arms
    span: {{first: "Arm [Arm]", last: Reference}}
tables:
  - name: setup
    rows: schedule.setup
    columns:
      - {{header: Ref, key: ref, prompt: "[Ref]"}}
      - {{header: Activity, key: activity, prompt: "[Activity]"}}
      - {{header: Price, key: price, prompt: "[Price]", type: money}}
  - name: visits
    rows: arm.visits
    columns:
      - {{header: Reference, key: ref, prompt: "[Visit ref]"}}
      - {{header: Visit, key: visit, prompt: "[Visit]"}}
      - {{header: Window, key: window, prompt: "[Window]"}}
      - {{header: Price, key: price, prompt: "[Visit price]", type: money}}
"""


def second_template() -> SecondTemplate:
    """The template of the second family with its profile."""
    content = zipped(package(None))
    text = PROFILE.format(sha256="sha256:" + hashlib.sha256(content).hexdigest()).encode("utf-8")
    reading = read_profile(text)
    assert reading.value is not None, reading.findings
    return SecondTemplate(content, reading.value, "sha256:" + hashlib.sha256(text).hexdigest())


def pounds_of(amount: str) -> str:
    return amount.removeprefix("£").replace(",", "")


def prices_of(told: Filling) -> dict[str, Any]:
    """The price that a filling prints, as an ncvr-prices/1 record with its fingerprint."""
    from ncvr.domain.price_record import fingerprint

    study = {"iras_id": told.iras, "version": 1, "schedule_sha256": "sha256:" + "1" * 64}
    edition = told.edition.split(" ")[0]
    tariff = {"edition": edition, "status": "illustrative", "sha256": "sha256:" + "2" * 64, "lock": "locked"}
    entry: dict[str, Any] = {
        "site": {"ods_code": told.site_code, "name": told.site},
        "multiplier": "1.05",
        "arms": [
            {
                "id": arm.ref,
                "visits": [{"id": visit[0].partition("/")[2], "price": pounds_of(visit[-1])} for visit in arm.visits],
                "per_participant": pounds_of(arm.total),
                "items": [],
            }
            for arm in told.arms
        ],
        "unscheduled": [],
        "setup_and_closedown": [{"id": each[0], "price": pounds_of(each[-1])} for each in told.setup],
        "pass_through": [],
        "screen_failure": [],
        "projected": {"participants": None, "total": None, "assumes": []},
        "direct_costs": {"per_participant": [], "setup": "0"},
    }
    entry["fingerprint"] = fingerprint(study, tariff, entry)
    return {"format": "ncvr-prices/1", "study": study, "tariff": tariff, "pricing_date": "2026-06-01", "software": "ncvr tests", "prices": [entry]}


SALT = "ab" * 16


def receipt_of(told: Filling, template: SecondTemplate, content: bytes) -> dict[str, Any]:
    """The receipt of a filled contract, written by the oracle."""
    from ncvr.domain.receipt import salted_hash

    prices = prices_of(told)
    plain = {"study_title": told.study, "edition": told.edition, "sponsor": told.sponsor, "site": told.site, "address": told.address}
    plain |= {"protocol": told.protocol, "iras_id": told.iras, "site_code": told.site_code, "target": told.participants, "storage": told.storage}
    plain |= {"made_on": told.made_on, "phase": told.phase}
    personal = {"sponsor_contact": told.sponsor_contact, "site_contact": told.site_contact}
    fields: list[dict[str, Any]] = [{"name": name, "title": name, "value": value, "places": []} for name, value in plain.items()]
    fields += [{"name": name, "title": name, "value_sha256": salted_hash(SALT, name, value), "places": []} for name, value in personal.items()]
    for arm in told.arms:
        for name, value in (("arm_ref", arm.ref), ("arm_name", arm.name), ("arm_total", arm.total)):
            fields.append({"name": name, "title": name, "value": value, "places": [], "arm": arm.ref})
    profile = template.profile
    return {
        "format": "ncvr-receipt/1",
        "software": "ncvr tests",
        "certified": True,
        "template": {
            "family": profile.family,
            "version": profile.version,
            "title": profile.title,
            "status": profile.status,
            "sha256": profile.template_sha256,
            "profile_sha256": template.profile_sha256,
        },
        "document": {"sha256": "sha256:" + hashlib.sha256(content).hexdigest(), "parts": {}},
        "study": prices["study"],
        "tariff": prices["tariff"],
        "pricing_date": prices["pricing_date"],
        "price": prices["prices"][0],
        "salt": SALT,
        "fields": fields,
        "choices": {"keeper": told.keeper},
        "conditional_blocks": {"transplantation": told.transplant, "early_phase": told.phase == "I"},
        "free_zones": {} if told.recitals is None else {"recitals": list(told.recitals)},
        "schedule": {
            "tables": {"setup": [list(each) for each in told.setup]},
            "arms": [{"id": arm.ref, "tables": {"visits": [list(each) for each in arm.visits]}} for arm in told.arms],
        },
    }
