// Pages do not outlive their session on the screen: one of which nothing was asked for as long as a session lasts is taken
// away, and so is every other tab's when somebody signs out. What was typed and not sent stays, so that it can be sent.

const script = document.querySelector("script[data-idle]");
const main = document.getElementById("maincontent");
const tabs = new BroadcastChannel("ncvr");
let begun;
let timer;

/** Whether something was typed here that was not sent. The grid keeps that itself, and says so. */
function holdsUnsent() {
  if (!dispatchEvent(new CustomEvent("ncvr-away", { cancelable: true }))) return true;
  const isTyped = (field) => (field.type === "checkbox" || field.type === "radio" ? field.checked !== field.defaultChecked : field.value !== field.defaultValue);
  const chosen = (list) => [...list.options].some((option) => option.selected && !option.defaultSelected) && list.selectedIndex !== 0;
  return [...main.querySelectorAll("input:not([type=hidden]), textarea")].some(isTyped) || [...main.querySelectorAll("select")].some(chosen);
}

function start() {
  begun = Date.now();
  clearTimeout(timer);
  timer = setTimeout(look, Number(script.dataset.idle) * 1000);
}

/** A machine that slept has not counted: what counts is the time of day. */
function look() {
  if (Date.now() - begun < Number(script.dataset.idle) * 1000) return;
  if (holdsUnsent()) return start();
  main.replaceChildren(document.getElementById("ncvr-away").content.cloneNode(true));
  document.title = document.title.replace(/^.* – /, `${main.querySelector("h1").textContent} – `);
}

start();
addEventListener("ncvr-asked", start);
document.addEventListener("visibilitychange", look);
addEventListener("pageshow", look);

for (const form of document.querySelectorAll('form[action="/sign-out"]')) {
  form.addEventListener("submit", () => {
    if (holdsUnsent()) return; // the browser asks first, and the answer that ends the session clears it all
    sessionStorage.clear();
    tabs.postMessage("signed out");
  });
}
tabs.addEventListener("message", () => {
  if (holdsUnsent()) return;
  sessionStorage.clear();
  main.replaceChildren();
  location.replace("/sign-in?said=signed-out");
});
