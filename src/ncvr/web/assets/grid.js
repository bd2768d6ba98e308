// The review grid: a table of text with one floating editor. Move, type, paste, undo; saving is in grid_saving.js.
import { count, read, rowsOf, textOf } from "./grid_values.js";
import { Saving } from "./grid_saving.js";

const table = document.getElementById("grid");
if (table?.dataset.edit) start();

function start() {
  const box = table.parentElement;
  const bar = document.querySelector(".ncvr-bar");
  const panel = document.getElementById("grid-panel");
  const rows = [...table.tBodies[0].rows];
  const heads = [...table.tHead.rows[0].cells];
  const width = heads.length;
  const FIRST_VISIT = 4;
  const LAST = width - 1;
  const kinds = heads.map((head) => (head.dataset.cell ?? "").replace(/^count\/.*/, "count"));
  const rowOf = new Map(rows.map((row, at) => [`${row.dataset.line} ${row.dataset.n}`, at]));
  const columnOf = new Map(heads.map((head, at) => [head.dataset.cell, at]));
  const resources = new Map();
  for (const option of document.getElementById("resources").options) {
    resources.set(option.label.toLowerCase(), option.value);
    resources.set(option.value.toLowerCase(), option.value);
  }
  const wrong = new Map(); // cells with a text that cannot be: name -> what to do
  const before = new Map(); // what a changed cell held in the version before
  const compared = table.dataset.compared;
  let at = { r: 0, c: 0 };
  let anchor = at;
  let editor = null;
  let block = [];
  let undone = [];
  let done = [];

  // --- cells ---
  const cell = (r, c) => {
    const row = rows[r];
    if (row.dataset.n === "1" || c < FIRST_VISIT) return row.cells[c];
    return row.cells[c === LAST ? FIRST_VISIT + 1 : FIRST_VISIT];
  };
  const placeOf = (td) => {
    const row = td.parentElement;
    const c = row.dataset.n === "1" || td.cellIndex < FIRST_VISIT ? td.cellIndex : td.cellIndex === FIRST_VISIT ? FIRST_VISIT : LAST;
    return { r: rows.indexOf(row), c };
  };
  const text = (td) => (td.firstChild?.nodeType === 3 ? td.firstChild.data : "");
  const write = (td, value) => {
    if (td.firstChild?.nodeType === 3) td.firstChild.data = value;
    else td.prepend(value);
  };
  const editable = (r, c) => c > 0 && c < LAST && (c < FIRST_VISIT || rows[r].dataset.n === "1");
  const cellName = (r, c) => (c < FIRST_VISIT ? `line/${rows[r].dataset.n}/${kinds[c]}` : heads[c].dataset.cell);
  const name = (r, c) => `${rows[r].dataset.line} ${cellName(r, c)}`;
  const find = (line, where) => {
    const [kind, number, key] = where.split("/");
    const r = rowOf.get(`${line} ${kind === "line" ? number : "1"}`);
    const c = columnOf.get(kind === "line" ? key : where);
    return r === undefined || c === undefined ? null : { r, c };
  };
  const rowName = (r) => (rows[r].cells[0].querySelector("a, span") ?? rows[r].cells[0]).textContent.trim();
  const called = (r, c) => `${rowName(r)}, ${heads[c].textContent.trim()}`;

  // --- saving ---
  const gap = document.getElementById("arm-gap");
  const state = document.getElementById("save-state");
  const said = document.getElementById("grid-said");
  const saving = new Saving({
    to: table.dataset.edit,
    arm: table.dataset.arm,
    revision: Number(table.dataset.revision),
    who: table.dataset.who,
    shown: { state: (words) => state.textContent !== words && (state.textContent = words), saved, meanwhile, fits, moved, signIn, stopped },
  });
  saving.attention = () => wrong.size;

  function saved(body) {
    const { arm, gap: change, lines, visits } = body.figures;
    document.getElementById("arm-total").textContent = arm;
    if (compared) gap.textContent = change && `${change} since version ${compared}`;
    for (const [line, figure] of Object.entries(lines)) {
      const r = rowOf.get(`${line} 1`);
      if (r !== undefined) rows[r].cells[LAST].textContent = figure;
    }
    const totals = table.tFoot.rows[0].cells;
    for (const [visit, figure] of Object.entries(visits)) totals[columnOf.get(`count/${visit}`) - FIRST_VISIT + 2].textContent = figure;
    for (const [line, cells] of Object.entries(body.cells)) for (const [where, value] of Object.entries(cells)) take(line, where, value);
    for (const found of body.problems) {
      const place = find(found.line, found.cell);
      if (place) mark(place, `${found.problem}. ${found.remedy}`);
    }
    if (body.problems.length) listProblems(body.problems);
    else if (panel.dataset.of === "problems") close();
    unmark();
  }

  /** What the server holds in a cell that is not being changed here. */
  function take(line, where, value) {
    const place = find(line, where);
    if (!place || saving.waiting.has(name(place.r, place.c)) || saving.conflicts.has(name(place.r, place.c))) return;
    show(place.r, place.c, value);
  }

  function fits(body) {
    return body.edit && body.shape === table.dataset.shape;
  }

  function meanwhile(body) {
    for (let r = 0; r < rows.length; r += 1) {
      const cells = body.cells[rows[r].dataset.line] ?? {};
      for (let c = 1; c < LAST; c += 1) {
        if (!editable(r, c)) continue;
        const theirs = cells[cellName(r, c)] ?? "";
        if (text(cell(r, c)) !== theirs && !wrong.has(name(r, c))) take(rows[r].dataset.line, cellName(r, c), theirs);
      }
    }
    if (saving.conflicts.size) listConflicts(body.by, body.at);
    else tell(`${body.by} changed this schedule at ${body.at}. Your changes and theirs are both kept`);
  }

  function moved(body) {
    const why = body.edit ? "changed its rows or visits" : "handed it on or changed its state";
    const words = paragraph(`${body.by} ${why} at ${body.at}. Your ${count(saving.waiting.size, "change")} wait in this browser tab; open the page again to see what it says now.`);
    open("stopped", "The schedule was changed meanwhile", [words], [["Open the page again", () => { saving.leaving = true; location.reload(); }]]);
  }

  function stopped(findings) {
    const list = findings.map((found) => `${found.place ? `${found.place}: ` : ""}${found.problem}. ${found.remedy}`);
    open("stopped", "Your changes cannot be saved now", [bullets(list), paragraph("They wait in this browser tab.")], [["Open the page again", () => { saving.leaving = true; location.reload(); }]]);
  }

  function signIn() {
    const link = document.createElement("a");
    Object.assign(link, { href: "/sign-in", target: "_blank", rel: "noopener", textContent: "Sign in again in a new tab" });
    const words = paragraph("You were signed out. What you typed is kept on this page. ");
    words.append(link, ", then come back here.");
    open("signed-out", "Sign in to save your changes", [words], [["Save now", () => { saving.signedOut = false; close(); saving.soon(0); }]]);
  }

  // --- changing cells ---
  function show(r, c, value) {
    const td = cell(r, c);
    if (compared && !before.has(td)) before.set(td, td.querySelector("span")?.textContent.replace(/^ was (nothing)?/, "") ?? text(td));
    write(td, value);
    if (!compared) return;
    td.querySelector("span")?.remove();
    const was = before.get(td);
    td.classList.toggle("w", was !== value);
    if (was !== value) {
      const hidden = document.createElement("span");
      hidden.textContent = ` was ${was || "nothing"}`;
      td.append(hidden);
    }
  }

  function mark({ r, c }, problem) {
    const td = cell(r, c);
    if (problem) {
      td.setAttribute("aria-invalid", "true");
      td.title = problem;
    } else {
      td.removeAttribute("aria-invalid");
      td.removeAttribute("title");
    }
  }

  /** Cells that were refused and are fine now. */
  function unmark() {
    for (const td of table.querySelectorAll("[aria-invalid]")) {
      const { r, c } = placeOf(td);
      if (!wrong.has(name(r, c)) && !saving.held.has(rows[r].dataset.line)) mark({ r, c }, "");
    }
  }

  /** One value into one cell: kept if it can be, marked if not. */
  function set(r, c, typed) {
    const td = cell(r, c);
    const key = name(r, c);
    const found = read(typed, kinds[c], resources);
    const old = wrong.has(key) ? wrong.get(key).old : text(td);
    if (found.problem) {
      wrong.set(key, { old, problem: found.problem });
      write(td, typed);
      return mark({ r, c }, found.problem);
    }
    wrong.delete(key);
    mark({ r, c }, "");
    show(r, c, found.value);
    if (old !== found.value || saving.conflicts.has(key)) saving.put(key, rows[r].dataset.line, cellName(r, c), old, found.value);
  }

  /** A step: cells with what each is to hold. One step is undone at once. */
  function step(changes, keep = true) {
    const back = changes.filter(({ r, c, value }) => text(cell(r, c)) !== value).map(({ r, c, value }) => ({ r, c, value: text(cell(r, c)), now: value }));
    for (const { r, c, now } of back) set(r, c, now);
    if (keep && back.length) {
      done.push(back);
      undone = [];
    }
    if (wrong.size) listWrong();
    else if (panel.dataset.of === "wrong") close();
    unmark();
    buttons();
    if (back.length) saving.changed();
    return back;
  }

  function turn(from, to, words) {
    const last = from.pop();
    if (!last) return tell(`Nothing to ${words}`);
    to.push(step(last, false));
    go(last[0].r, last[0].c);
    buttons();
    tell(`${words === "undo" ? "Undone" : "Done again"}: ${count(last.length, "cell")}`);
  }
  const undo = () => turn(done, undone, "undo");
  const redo = () => turn(undone, done, "redo");
  const buttons = () => {
    document.getElementById("undo").disabled = !done.length;
    document.getElementById("redo").disabled = !undone.length;
  };

  // --- moving and selecting ---
  function go(r, c, extend = false) {
    const to = { r: Math.max(0, Math.min(rows.length - 1, r)), c: Math.max(0, Math.min(LAST, c)) };
    cell(at.r, at.c).tabIndex = -1;
    at = to;
    if (!extend) anchor = at;
    const td = cell(at.r, at.c);
    td.tabIndex = 0;
    td.focus({ preventScroll: true });
    reveal(td);
    select();
  }

  /** Scroll so that no sticky part covers the cell. */
  function reveal(td) {
    const frame = box.getBoundingClientRect();
    const cellBox = td.getBoundingClientRect();
    const right = frame.left + box.clientLeft + box.clientWidth;
    const bottom = frame.top + box.clientTop + box.clientHeight - table.tFoot.offsetHeight;
    const left = frame.left + (at.c ? rows[0].cells[0].offsetWidth : 0);
    const top = frame.top + table.tHead.offsetHeight;
    if (at.c && cellBox.left < left) box.scrollLeft -= left - cellBox.left;
    else if (at.c && cellBox.right > right) box.scrollLeft += Math.min(cellBox.right - right, cellBox.left - left);
    if (cellBox.top < top) box.scrollTop -= top - cellBox.top;
    else if (cellBox.bottom > bottom) box.scrollTop += cellBox.bottom - bottom;
    const now = td.getBoundingClientRect();
    const edge = getComputedStyle(bar).position === "sticky" ? bar.offsetHeight : 0;
    if (now.top < edge) scrollBy(0, now.top - edge);
    else if (now.bottom > innerHeight) scrollBy(0, now.bottom - innerHeight);
  }

  function bounds() {
    return { top: Math.min(at.r, anchor.r), bottom: Math.max(at.r, anchor.r), left: Math.min(at.c, anchor.c), right: Math.max(at.c, anchor.c) };
  }

  function select() {
    for (const td of block) td.removeAttribute("aria-selected");
    block = [];
    if (at.r === anchor.r && at.c === anchor.c) return;
    const { top, bottom, left, right } = bounds();
    for (let r = top; r <= bottom; r += 1) for (let c = left; c <= right; c += 1) block.push(cell(r, c));
    for (const td of block) td.setAttribute("aria-selected", "true");
  }

  /** The next row up or down; in the columns of visits, lines that hold no counts are passed over. */
  function down(by, extend) {
    let r = at.r + by;
    if (at.c >= FIRST_VISIT && !extend) while (rows[r] && rows[r].dataset.n !== "1") r += Math.sign(by);
    if (rows[r] || Math.abs(by) > 1) go(r, at.c, extend);
  }

  const jump = (r, c) => (event) => go(r(event), c(event), event.shiftKey);
  const MOVES = {
    ArrowUp: (event) => down(-1, event.shiftKey),
    ArrowDown: (event) => down(1, event.shiftKey),
    PageUp: (event) => down(-10, event.shiftKey),
    PageDown: (event) => down(10, event.shiftKey),
    ArrowLeft: (event) => go(at.r, at.c - 1, event.shiftKey),
    ArrowRight: (event) => go(at.r, rows[at.r].dataset.n !== "1" && at.c >= FIRST_VISIT ? LAST : at.c + 1, event.shiftKey),
    Home: jump((event) => (event.ctrlKey ? 0 : at.r), () => 0),
    End: jump((event) => (event.ctrlKey ? rows.length - 1 : at.r), () => LAST),
  };

  function chosen() {
    const { top, bottom, left, right } = bounds();
    const cells = [];
    for (let r = top; r <= bottom; r += 1) for (let c = left; c <= right; c += 1) if (editable(r, c)) cells.push({ r, c });
    return cells;
  }

  // --- keys ---
  table.addEventListener("keydown", (event) => {
    if (editor) return inEditor(event);
    const control = event.ctrlKey || event.metaKey;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (event.target.closest("a") && key === "Enter" && !control) return;
    if (MOVES[key]) MOVES[key](event);
    else if (control && key === "Enter") toLine();
    else if (key === "Enter" || key === "F2") begin();
    else if (key === "Delete" || key === "Backspace") empty();
    else if (key === "Escape") go(at.r, at.c);
    else if (control && (key === "y" || (key === "z" && event.shiftKey))) redo();
    else if (control && key === "z") undo();
    else if (!control && !event.altKey && key.length === 1 && editable(at.r, at.c)) begin(event.key);
    else return;
    event.preventDefault();
  });

  function empty() {
    const changed = step(chosen().map(({ r, c }) => ({ r, c, value: "" })));
    if (changed.length > 1) tell(`Emptied ${count(changed.length, "cell")}`);
  }

  function toLine() {
    const line = rows[at.r].dataset.line;
    const choice = document.getElementById("line");
    if (choice) choice.value = line;
    const first = document.querySelector(`.ncvr-said[data-line="${CSS.escape(line)}"]`);
    (first ?? document.getElementById("queries")).scrollIntoView();
    document.getElementById("queries").focus({ preventScroll: true });
  }

  // --- the editor ---
  function begin(typed) {
    const link = at.c === 0 && rows[at.r].cells[0].querySelector("a");
    if (link) return link.click();
    if (!editable(at.r, at.c)) return tell(at.c === LAST ? "Costs follow from the resources. Nobody edits them" : "A further resource line holds no counts");
    const td = cell(at.r, at.c);
    editor = document.createElement("input");
    editor.className = "ncvr-grid__editor";
    editor.value = typed ?? text(td);
    editor.autocomplete = "off";
    editor.setAttribute("aria-label", called(at.r, at.c));
    if (kinds[at.c] === "resource") editor.setAttribute("list", "resources");
    else editor.inputMode = kinds[at.c] === "minutes" ? "decimal" : "numeric";
    editor.dataset.typed = typed === undefined ? "" : "yes";
    td.append(editor);
    td.removeAttribute("tabindex"); // the editor is the target now
    editor.focus();
    if (typed === undefined) editor.select();
    editor.addEventListener("blur", () => end(true));
  }

  function end(keep) {
    if (!editor) return;
    const typed = editor.value;
    const gone = editor;
    editor = null;
    gone.remove();
    cell(at.r, at.c).tabIndex = 0;
    if (keep) step([{ r: at.r, c: at.c, value: tidy(typed, at.c) }]);
  }
  const tidy = (typed, c) => read(typed, kinds[c], resources).value ?? typed;

  const AFTER = { Enter: [1, 0], Tab: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  function inEditor(event) {
    const typed = editor.dataset.typed && kinds[at.c] !== "resource";
    if (event.key === "Escape") end(false);
    else if (event.key === "Enter" || event.key === "Tab" || (typed && event.key.startsWith("Arrow"))) {
      const [r, c] = AFTER[event.key].map((by) => (event.shiftKey ? -by : by));
      end(true);
      if (r) down(r, false);
      else go(at.r, at.c + c);
      event.preventDefault();
      return;
    } else return;
    event.preventDefault();
    go(at.r, at.c);
  }

  // --- pointer ---
  table.addEventListener("mousedown", (event) => {
    const td = event.target.closest("tbody td, tbody th");
    if (!td || event.target === editor || event.target.closest("a") || event.button) return;
    event.preventDefault();
    end(true);
    const { r, c } = placeOf(td);
    go(r, c, event.shiftKey);
  });
  table.addEventListener("mouseover", (event) => {
    const td = event.buttons === 1 && !editor && event.target.closest("tbody td, tbody th");
    if (td && table.contains(document.activeElement)) {
      const { r, c } = placeOf(td);
      go(r, c, true);
    }
  });
  table.addEventListener("dblclick", (event) => event.target.closest("tbody td") && begin());
  table.addEventListener("focusin", (event) => {
    const td = event.target.closest("tbody td, tbody th");
    if (td && !editor && event.target === td && cell(at.r, at.c) !== td) {
      const { r, c } = placeOf(td);
      go(r, c);
    }
  });

  // --- the clipboard ---
  const here = () => !editor && table.contains(document.activeElement);
  const copied = (event) => {
    if (!here()) return false;
    const { top, bottom, left, right } = bounds();
    const lines = [];
    for (let r = top; r <= bottom; r += 1) lines.push(Array.from({ length: right - left + 1 }, (_, by) => plain(r, left + by)));
    event.clipboardData.setData("text/plain", textOf(lines));
    event.preventDefault();
    return true;
  };
  const plain = (r, c) => (c === 0 ? rowName(r) : c === LAST || editable(r, c) ? text(cell(r, c)) : "");
  document.addEventListener("copy", (event) => copied(event) && tell(`Copied ${blockWords()}`));
  document.addEventListener("cut", (event) => {
    if (copied(event)) empty();
  });
  document.addEventListener("paste", (event) => {
    if (!here()) return;
    event.preventDefault();
    paste(rowsOf(event.clipboardData.getData("text/plain")));
  });
  const blockWords = () => {
    const { top, bottom, left, right } = bounds();
    return size(bottom - top + 1, right - left + 1);
  };
  const size = (high, wide) => `${count(high, "row")} by ${count(wide, "column")}`;

  function paste(lines) {
    const { top, left } = bounds();
    if (lines.length === 1 && lines[0].length === 1 && block.length) return putAll(chosen().map(({ r, c }) => ({ r, c, typed: lines[0][0] })), blockWords());
    const named = lines.length > 1 && byName(lines[0]);
    if (named) return askHeader(lines, named, top, left);
    putAll(placed(lines, top, left), size(lines.length, Math.max(...lines.map((line) => line.length))));
  }

  const placed = (lines, top, left) => lines.flatMap((line, down) => line.map((typed, right) => ({ r: top + down, c: left + right, typed })));

  /** The columns of a first row that holds nothing but names of visits; null if it does not. */
  function byName(first) {
    const names = new Map(heads.slice(1, LAST).map((head, by) => [head.textContent.trim().toLowerCase(), by + 1]));
    const columns = first.map((typed) => names.get(typed.trim().toLowerCase()));
    return columns.length && columns.every((c) => c !== undefined) ? columns : null;
  }

  function askHeader(lines, columns, top, left) {
    const rest = lines.slice(1);
    const words = paragraph("The first row holds names of this grid’s columns.");
    open("header", "Match the columns by name?", [words], [
      ["Match by name", () => { close(); putAll(rest.flatMap((line, down) => line.map((typed, right) => ({ r: top + down, c: columns[right] ?? width, typed }))), size(rest.length, columns.length)); }],
      ["Paste without matching", () => { close(); putAll(placed(lines, top, left), size(lines.length, columns.length)); }],
      ["Cancel", cancel],
    ]);
  }

  /** All of a block, or nothing and the reasons. */
  function putAll(wanted, words) {
    const good = [];
    const problems = [];
    let below = 0;
    let beyond = 0;
    for (const { r, c, typed } of wanted) {
      if (r >= rows.length) below = Math.max(below, r - rows.length + 1);
      else if (c >= LAST) beyond = Math.max(beyond, c - LAST + 1);
      else if (!editable(r, c)) {
        if (typed.trim() && typed.trim() !== plain(r, c)) problems.push(`${called(r, c)}: “${typed.trim().slice(0, 40)}” cannot go here; ${c ? "a further resource line holds no counts" : "names change in the activity’s form"}`);
      } else {
        const found = read(typed, kinds[c], resources);
        if (found.problem) problems.push(`${called(r, c)}: ${found.problem}`);
        else good.push({ r, c, value: found.value });
      }
    }
    if (below) problems.unshift(`${count(below, "row")} would fall below the last row`);
    if (beyond) problems.unshift(`${count(beyond, "column")} would fall beyond the last visit`);
    if (problems.length) return listPaste(problems, good);
    pasted(good, words);
  }

  function pasted(good, words) {
    if (!good.length) return tell("There was nothing to paste");
    const from = good[0];
    step(good);
    tell(`Pasted ${words}, from ${called(from.r, from.c)}`);
    go(from.r, from.c);
  }

  // --- the panel under the bar ---
  function tell(words) {
    said.textContent = words;
  }

  function open(of, heading, parts, acts) {
    const title = document.createElement("h2");
    title.className = "nhsuk-heading-s";
    title.textContent = heading;
    const row = document.createElement("p");
    row.className = "ncvr-panel__buttons";
    for (const [words, act] of acts) row.append(button(words, act));
    panel.replaceChildren(title, ...parts, row);
    panel.dataset.of = of;
    panel.className = "ncvr-panel";
    panel.setAttribute("role", "region");
    panel.setAttribute("aria-label", heading);
    panel.hidden = false;
    tell(heading);
  }

  function button(words, act) {
    const made = document.createElement("button");
    Object.assign(made, { type: "button", className: "ncvr-small-button", textContent: words });
    made.addEventListener("click", act);
    return made;
  }

  function close() {
    panel.hidden = true;
    panel.dataset.of = "";
    panel.replaceChildren();
  }

  function cancel() {
    close();
    go(at.r, at.c);
  }

  function paragraph(words) {
    const made = document.createElement("p");
    made.textContent = words;
    return made;
  }

  function bullets(all) {
    const list = document.createElement("ul");
    list.className = "nhsuk-list nhsuk-list--bullet";
    for (const each of all.slice(0, 20)) {
      const item = document.createElement("li");
      item.append(each);
      list.append(item);
    }
    if (all.length > 20) list.append(Object.assign(document.createElement("li"), { textContent: `and ${all.length - 20} more` }));
    return list;
  }

  function toCell(place, words) {
    const made = button(called(place.r, place.c), () => go(place.r, place.c));
    made.className = "ncvr-cell-link";
    const whole = document.createElement("span");
    whole.append(made, `: ${words}`);
    return whole;
  }

  function listWrong() {
    const all = [...wrong].map(([key, { problem }]) => toCell(find(...key.split(" ")), problem));
    open("wrong", `${count(wrong.size, "cell")} cannot be saved`, [bullets(all)], []);
  }

  function listProblems(problems) {
    const all = problems.map((found) => {
      const place = find(found.line, found.cell);
      const words = `${found.problem}. ${found.remedy}.`;
      return place ? toCell(place, words) : `${found.line}: ${words}`;
    });
    open("problems", `${count(problems.length, "line")} cannot be saved yet`, [bullets(all)], []);
  }

  function listPaste(problems, good) {
    const words = paragraph(`Nothing was pasted. ${good.length ? `${count(good.length, "cell")} could be.` : ""}`);
    const acts = [["Cancel", cancel]];
    if (good.length) acts.unshift(["Paste the valid cells", () => { close(); pasted(good, count(good.length, "cell")); }]);
    open("paste", `${count(problems.length, "problem")} with what you pasted`, [words, bullets(problems)], acts);
    panel.focus();
  }

  function listConflicts(by, when) {
    const list = document.createElement("table");
    list.className = "nhsuk-table ncvr-conflicts";
    const head = document.createElement("tr");
    for (const words of ["Cell", "Was", "Yours", `${by}’s, ${when}`, "Which stays?"]) head.append(Object.assign(document.createElement("th"), { scope: "col", textContent: words }));
    list.append(Object.assign(document.createElement("caption"), { className: "nhsuk-u-visually-hidden", textContent: "Cells that both of you changed" }), head);
    for (const [key, conflict] of saving.conflicts) {
      const place = find(conflict.line, conflict.cell);
      const row = document.createElement("tr");
      row.append(Object.assign(document.createElement("th"), { scope: "row", textContent: called(place.r, place.c) }));
      for (const value of [conflict.old, conflict.new, conflict.theirs]) row.append(Object.assign(document.createElement("td"), { textContent: value || "nothing" }));
      const choice = document.createElement("td");
      for (const [words, mine] of [["Keep mine", true], ["Take theirs", false]]) {
        const made = button(words, () => { show(place.r, place.c, saving.decide(key, mine)); listConflicts(by, when); });
        made.append(Object.assign(document.createElement("span"), { className: "nhsuk-u-visually-hidden", textContent: `: ${called(place.r, place.c)}` }));
        choice.append(made);
      }
      row.append(choice);
      list.append(row);
    }
    if (!saving.conflicts.size) return cancel();
    const words = paragraph(`${by} changed the same ${count(saving.conflicts.size, "cell")} as you at ${when}. Everything else of yours and theirs is kept.`);
    const scroll = Object.assign(document.createElement("div"), { className: "ncvr-scroll" });
    scroll.append(list);
    open("conflicts", `${count(saving.conflicts.size, "cell")} changed by both of you`, [words, scroll], []);
  }

  // --- begin ---
  table.setAttribute("role", "grid");
  table.setAttribute("aria-multiselectable", "true");
  box.removeAttribute("tabindex");
  for (const link of table.querySelectorAll("tbody a")) link.tabIndex = -1;
  for (const row of [...rows, ...table.tFoot.rows]) for (const td of row.querySelectorAll(".c, [colspan]")) td.setAttribute("aria-readonly", "true");
  for (const row of rows) row.cells[0].setAttribute("aria-readonly", "true");
  for (const id of ["grid-help", "grid-buttons"]) document.getElementById(id).hidden = false;
  document.getElementById("undo").addEventListener("click", undo);
  document.getElementById("redo").addEventListener("click", redo);
  const asked = find(...decodeURIComponent(location.hash.slice(1)).split("~").concat("", "").slice(0, 2));
  at = anchor = asked ?? { r: 0, c: Math.min(FIRST_VISIT, LAST) };
  cell(at.r, at.c).tabIndex = 0;
  if (asked) go(at.r, at.c);
  restore();

  function restore() {
    const kept = saving.kept();
    if (!kept.length) return;
    let lost = 0;
    for (const change of kept) {
      const place = find(change.line, change.cell);
      const stands = place && text(cell(place.r, place.c));
      if (!place) lost += 1;
      else if (stands === change.new) continue;
      else if (stands === change.old) {
        show(place.r, place.c, change.new);
        saving.put(name(place.r, place.c), change.line, change.cell, change.old, change.new);
      } else {
        show(place.r, place.c, change.new);
        saving.conflicts.set(name(place.r, place.c), { ...change, theirs: stands });
      }
    }
    if (saving.conflicts.size) listConflicts("Somebody", "meanwhile");
    else open("restored", `You have ${count(kept.length, "change that was not saved", "changes that were not saved")}`, [paragraph(`${lost ? `${count(lost, "cell")} of them are not there any more. ` : ""}They are back in the grid and are being saved.`)], [["Close", cancel]]);
    saving.changed();
  }
}
