// A passkey is made or shown by the browser itself, so this needs a script; the app and the recovery codes do not.
const box = document.getElementById("passkey");
const status = box.querySelector("[role=status]");

async function send(address, body) {
  const answer = await fetch(address, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body ?? {}) });
  const said = await answer.json();
  if (!answer.ok) throw new Error(`${said.detail}. ${said.findings?.[0]?.remedy ?? ""}`);
  return said;
}

async function make() {
  const options = await send("/api/v1/session/passkey/options");
  const credential = await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) });
  const made = await send(box.dataset.make, { credential: credential.toJSON() });
  const list = document.querySelector("#recovery ul");
  for (const code of made.recovery_codes) {
    const item = document.createElement("li");
    item.append(Object.assign(document.createElement("code"), { textContent: code }));
    list.append(item);
  }
  box.querySelector("button").hidden = true;
  document.getElementById("recovery").hidden = false;
  status.textContent = "Your passkey is made and you are signed in.";
}

async function show() {
  const options = await send("/api/v1/session/passkey/options");
  const credential = await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
  await send(box.dataset.show, { credential: credential.toJSON() });
  location.assign(box.dataset.then);
}

if (window.PublicKeyCredential?.parseCreationOptionsFromJSON) {
  box.hidden = false;
  box.querySelector("button").addEventListener("click", async () => {
    status.textContent = "";
    try {
      await (box.dataset.make ? make() : show());
    } catch (error) {
      status.textContent = error.name === "NotAllowedError" ? "No passkey was shown. Try again, or use a code." : error.message;
    }
  });
}
