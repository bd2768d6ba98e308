// First in the page, before it is drawn: tells the stylesheet that scripts run.
document.body.className += " js-enabled" + ("noModule" in HTMLScriptElement.prototype ? " nhsuk-frontend-supported" : "");
