// Wakes the design system's components, except the file upload, whose enhanced form fails WCAG 2.5.3.
const { createAll, Button, ErrorSummary, Header, NotificationBanner, PasswordInput, SkipLink } = await import(document.currentScript?.dataset.kit ?? document.querySelector("script[data-kit]").dataset.kit);
for (const component of [Button, ErrorSummary, Header, NotificationBanner, PasswordInput, SkipLink]) createAll(component);

// Copy links: the button stays hidden without scripts.
for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(new URL(button.dataset.copy, location.href).href);
    button.textContent = "Copied";
  });
}
