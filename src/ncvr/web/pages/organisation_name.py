"""What an organisation is called on a page."""

from ncvr.services.office import Act
from ncvr.store import accounts


def organisation_name(act: Act, code: str | None) -> str:
    """What an organisation is called: of the NHS, or a company; a code nobody knows is shown as it is."""
    if not code:
        return ""
    listed = act.office.tariffs.organisations().get(code)
    return listed.name if listed is not None else accounts.company_name(act.connection, code) or code
