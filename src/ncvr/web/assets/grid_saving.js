// Saving what was changed: one request in flight, what comes meanwhile goes together, and nothing is lost on the way.

const PAUSE = 300;
const AGAIN_AFTER = [2000, 4000, 8000, 15000];

/**
 * `to` is the address, `shown` what the grid does: state(text), saved(answer, sent), refused(problems), meanwhile(answer), signIn(), stopped(text).
 * Changes are kept by cell name; `old` is what the server holds.
 */
export class Saving {
  constructor({ to, arm, revision, who, shown }) {
    Object.assign(this, { to, arm, revision, shown });
    this.key = `ncvr ${to} ${arm} ${who}`;
    this.waiting = new Map();
    this.conflicts = new Map(); // cells that somebody else changed, too: theirs stands on the server
    this.held = new Set(); // lines whose changes were refused, until they change again
    this.fails = 0;
    addEventListener("online", () => this.soon(0));
    addEventListener("focus", () => this.signedOut && this.soon(0));
    addEventListener("ncvr-away", (event) => this.unsaved && event.preventDefault());
    addEventListener("beforeunload", (event) => this.unsaved && !this.leaving && event.preventDefault());
  }

  get unsaved() {
    return this.waiting.size > 0 || this.conflicts.size > 0 || this.attention() > 0;
  }

  /** How many cells of the grid itself need attention: asked of the grid. */
  attention = () => 0;

  /** A cell is to hold something else; `old` is what it held when nothing of it was waiting. */
  put(name, line, cell, old, now) {
    const first = this.waiting.get(name)?.old ?? this.conflicts.get(name)?.theirs ?? old;
    this.conflicts.delete(name);
    this.held.delete(line);
    if (first === now && !(this.sent && this.sent.has(name))) this.waiting.delete(name);
    else this.waiting.set(name, { line, cell, old: first, new: now });
  }

  changed() {
    this.keep();
    this.soon(PAUSE);
  }

  keep() {
    const unsent = [...this.waiting.values(), ...this.conflicts.values()];
    if (unsent.length) sessionStorage.setItem(this.key, JSON.stringify(unsent));
    else sessionStorage.removeItem(this.key);
  }

  kept() {
    const text = sessionStorage.getItem(this.key);
    return text === null ? [] : JSON.parse(text);
  }

  soon(pause) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), pause);
    this.say();
  }

  /** The changes that can go now. */
  ready() {
    return [...this.waiting].filter(([, change]) => !this.held.has(change.line) && change.old !== change.new);
  }

  say() {
    const attention = this.attention() + this.conflicts.size + [...this.waiting.values()].filter((change) => this.held.has(change.line)).length;
    if (this.stopped) this.shown.state(this.stopped);
    else if (this.signedOut) this.shown.state("Not saved: you are signed out");
    else if (this.fails) this.shown.state("Not saved: no connection. Trying again");
    else if (this.sent || this.ready().length) this.shown.state("Saving");
    else if (attention) this.shown.state(`Not saved: ${attention} ${attention === 1 ? "cell needs" : "cells need"} attention`);
    else if (this.at) this.shown.state(`All changes saved ${this.at}`);
    else this.shown.state("Nothing to save");
  }

  async send() {
    if (this.sent || this.stopped) return this.say();
    const going = new Map(this.ready());
    if (!going.size) return this.say();
    this.sent = going;
    this.say();
    let answer;
    let body;
    try {
      const changes = [...going.values()];
      answer = await fetch(this.to, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ arm: this.arm, revision: this.revision, changes }) });
      body = (answer.headers.get("content-type") ?? "").includes("json") ? await answer.json() : null;
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      return this.later();
    } finally {
      this.sent = null;
    }
    this.answered(answer, body, going);
  }

  /** No connection, or the server cannot for a moment. */
  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), AGAIN_AFTER[Math.min(this.fails, AGAIN_AFTER.length - 1)]);
    this.fails += 1;
    this.say();
  }

  answered(answer, body, going) {
    if (answer.redirected || answer.status === 401) {
      this.signedOut = true;
      this.shown.signIn();
      return this.say();
    }
    if (answer.status >= 500 || answer.status === 429) return this.later();
    this.signedOut = false;
    this.fails = 0;
    dispatchEvent(new Event("ncvr-asked"));
    if (answer.status === 412 && body) {
      this.compared(body);
    } else if (answer.ok && body) {
      this.taken(body, going);
    } else {
      this.stopped = `Not saved: ${body?.detail ?? "this schedule cannot be changed now"}`;
      this.shown.stopped(body?.findings ?? []);
    }
    this.say();
  }

  /** Somebody else changed the schedule: what differs in the same cell is asked, everything else goes on. */
  compared(body) {
    if (!this.shown.fits(body)) {
      this.stopped = "Not saved: the schedule was changed meanwhile";
      return this.shown.moved(body);
    }
    this.revision = body.revision;
    for (const [name, change] of this.waiting) {
      const theirs = body.cells[change.line]?.[change.cell] ?? "";
      if (theirs === change.old) continue;
      this.waiting.delete(name);
      if (theirs !== change.new) this.conflicts.set(name, { ...change, theirs });
    }
    this.shown.meanwhile(body);
    this.keep();
    if (this.ready().length) this.soon(0);
  }

  /** Of a cell that both changed: mine goes again, or theirs stays. */
  decide(name, mine) {
    const conflict = this.conflicts.get(name);
    this.conflicts.delete(name);
    if (mine) this.waiting.set(name, { line: conflict.line, cell: conflict.cell, old: conflict.theirs, new: conflict.new });
    this.changed();
    return mine ? conflict.new : conflict.theirs;
  }

  taken(body, going) {
    this.revision = body.revision;
    this.at = body.at;
    for (const found of body.problems) this.held.add(found.line);
    for (const [name, change] of going) {
      if (this.held.has(change.line)) continue;
      const now = this.waiting.get(name);
      if (now && now.new !== change.new) now.old = change.new;
      else this.waiting.delete(name);
    }
    this.shown.saved(body);
    this.keep();
    if (this.ready().length) this.soon(0);
  }
}
