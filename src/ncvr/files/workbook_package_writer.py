"""Sheets, names and properties put together as an .xlsx file: the same input gives the same bytes."""

from collections.abc import Mapping, Sequence
from datetime import date

from ncvr.files.docx_package import Package, write_package
from ncvr.files.workbook_sheet import Sheet, escaped
from ncvr.files.workbook_styles import styles_part

_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def written_workbook(sheets: Sequence[Sheet], names: Mapping[str, str], *, title: str, subject: str, on: date) -> bytes:
    """The workbook's bytes. ``names`` are the named ranges: name to reference, such as ``Roles!$A$5:$A$20``."""
    parts = {
        "[Content_Types].xml": _content_types(len(sheets)),
        "_rels/.rels": _package_relationships(),
        "docProps/core.xml": _core(title, subject, on),
        "docProps/app.xml": f'{_XML}<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"><Application>ncvr</Application></Properties>',
        "xl/workbook.xml": _workbook(sheets, names),
        "xl/_rels/workbook.xml.rels": _workbook_relationships(len(sheets)),
        "xl/styles.xml": styles_part(),
    }
    content = {name: text.encode("utf-8") for name, text in parts.items()}
    content |= {f"xl/worksheets/sheet{at}.xml": sheet.part(selected=at == 1) for at, sheet in enumerate(sheets, start=1)}
    return write_package(Package(place=title, members={}), content)


def _content_types(sheets: int) -> str:
    kinds = {"/xl/workbook.xml": f"{_SPREADSHEET}.sheet.main+xml", "/xl/styles.xml": f"{_SPREADSHEET}.styles+xml"}
    kinds |= {f"/xl/worksheets/sheet{at}.xml": f"{_SPREADSHEET}.worksheet+xml" for at in range(1, sheets + 1)}
    kinds["/docProps/core.xml"] = "application/vnd.openxmlformats-package.core-properties+xml"
    kinds["/docProps/app.xml"] = "application/vnd.openxmlformats-officedocument.extended-properties+xml"
    overrides = "".join(f'<Override PartName="{part}" ContentType="{kind}"/>' for part, kind in kinds.items())
    return (
        f'{_XML}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{overrides}</Types>'
    )


def _package_relationships() -> str:
    return (
        f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
        f'<Relationship Id="rId2" Type="{_PACKAGE}/relationships/metadata/core-properties" Target="docProps/core.xml"/>'
        f'<Relationship Id="rId3" Type="{_OFFICE}/extended-properties" Target="docProps/app.xml"/></Relationships>'
    )


def _workbook_relationships(sheets: int) -> str:
    arrows = "".join(f'<Relationship Id="rId{at}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{at}.xml"/>' for at in range(1, sheets + 1))
    styles = f'<Relationship Id="rId{sheets + 1}" Type="{_OFFICE}/styles" Target="styles.xml"/>'
    return f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{arrows}{styles}</Relationships>'


def _core(title: str, subject: str, on: date) -> str:
    """Dated by the pricing date: a file's bytes depend on what is in it, not on when it was made."""
    day = f'xsi:type="dcterms:W3CDTF">{on.isoformat()}T00:00:00Z'
    return (
        f'{_XML}<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>{escaped(title)}</dc:title><dc:subject>{escaped(subject)}</dc:subject><dc:creator>ncvr</dc:creator>"
        f"<dcterms:created {day}</dcterms:created><dcterms:modified {day}</dcterms:modified></cp:coreProperties>"
    )


def _workbook(sheets: Sequence[Sheet], names: Mapping[str, str]) -> str:
    tabs = "".join(_tab(at, sheet) for at, sheet in enumerate(sheets, start=1))
    titles = "".join(
        f'<definedName name="_xlnm.Print_Titles" localSheetId="{at}">{escaped(quoted(sheet.name))}!${sheet.repeat[0]}:${sheet.repeat[1]}</definedName>'
        for at, sheet in enumerate(sheets)
        if sheet.repeat is not None
    )
    named = "".join(f'<definedName name="{name}">{escaped(reference)}</definedName>' for name, reference in sorted(names.items()))
    return (
        f'{_XML}<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="{_OFFICE}">'
        f'<bookViews><workbookView xWindow="0" yWindow="0" windowWidth="28000" windowHeight="16000"/></bookViews><sheets>{tabs}</sheets>'
        f'<definedNames>{titles}{named}</definedNames><calcPr calcId="191029" fullCalcOnLoad="1"/></workbook>'
    )


def _tab(at: int, sheet: Sheet) -> str:
    hidden = ' state="hidden"' if sheet.hidden else ""
    return f'<sheet name="{escaped(sheet.name)}" sheetId="{at}"{hidden} r:id="rId{at}"/>'


def quoted(sheet: str) -> str:
    """A sheet's name as it stands in a reference."""
    doubled = sheet.replace("'", "''")
    return f"'{doubled}'"
