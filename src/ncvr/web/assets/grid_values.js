// What may stand in a cell, and blocks of cells as text. Nothing here touches the page. No money: that is the server's.

const QUOTED = /^[\s\u00a0\u202f]+|[\s\u00a0\u202f]+$/g;

/** A typed or pasted text as it will be written, or why it cannot be. Empty means none. */
export function read(text, kind, resources) {
  const plain = text.replace(QUOTED, "");
  if (plain === "") return { value: "" };
  if (kind === "resource") {
    const value = resources.get(plain.toLowerCase());
    return value === undefined ? { problem: `“${brief(plain)}” is neither a role nor a code of the tariff. Choose one of the list` } : { value };
  }
  const digits = /^\d{1,3}([,\u00a0\u202f ]\d{3})+(\.\d+)?$/.test(plain) ? plain.replace(/[,\u00a0\u202f ]/g, "") : plain;
  return kind === "minutes" ? minutes(digits, plain) : whole(digits, plain);
}

function whole(digits, plain) {
  if (!/^\d+$/.test(digits)) return { problem: `“${brief(plain)}” is not a whole number. Type one, like 2` };
  const value = String(Number(digits));
  if (Number(digits) > 9999) return { problem: `“${brief(plain)}” is too many. Type at most 9,999` };
  return { value: value === "0" ? "" : value };
}

function minutes(digits, plain) {
  if (!/^\d+(\.\d+)?$/.test(digits)) return { problem: `“${brief(plain)}” cannot be minutes. Type a number, like 20 or 7.5` };
  if (Number(digits) > 10080) return { problem: `“${brief(plain)}” is more than a week. Type at most 10,080 minutes` };
  const short = digits.replace(/^0+(?=\d)/, "");
  const value = short.includes(".") ? short.replace(/\.?0+$/, "") : short;
  return { value: value === "0" ? "" : value };
}

function brief(text) {
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}

/** Tab-separated text as rows of texts: quotes hold tabs, line breaks and doubled quotes; one line end at the end is dropped. */
export function rowsOf(text) {
  const rows = [[]];
  let at = 0;
  const source = text.replace(/\r\n?/g, "\n").replace(/\n$/, "");
  while (at <= source.length) {
    let cell = "";
    if (source[at] === '"') {
      at += 1;
      while (at < source.length && !(source[at] === '"' && source[at + 1] !== '"')) {
        cell += source[at];
        at += source[at] === '"' ? 2 : 1;
      }
      at += 1;
    }
    while (at < source.length && source[at] !== "\t" && source[at] !== "\n") cell += source[at++];
    rows.at(-1).push(cell);
    if (source[at] === "\n") rows.push([]);
    at += 1;
  }
  return rows;
}

/** Rows of texts as a clipboard takes them. */
export function textOf(rows) {
  return rows.map((row) => row.map((cell) => (/["\t\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join("\t")).join("\n");
}

/** A number with its noun. */
export function count(number, one, many = `${one}s`) {
  return `${number.toLocaleString("en-GB")} ${number === 1 ? one : many}`;
}
