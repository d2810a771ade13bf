// Tables: a button in every heading sorts by its column, a field above long tables filters their rows.
const LONG = 15;
const NUMBER = /^[<>]?\s*([-\u2212]?[\d,]*\.?\d+(?:e[-+]?\d+)?)/i;

function numberIn(text) {
  const found = NUMBER.exec(text);
  if (!found) return null;
  const value = Number(found[1].replace("\u2212", "-").replaceAll(",", ""));
  if (text.startsWith("<")) return value * (1 - 1e-9);
  return text.startsWith(">") ? value + 1e-9 : value;
}

function textOf(row, at) {
  return row.cells[at].textContent.trim();
}

function compare(a, b) {
  if (a === b) return 0;
  if (typeof a === "number" && typeof b === "number") return a - b;
  return String(a).localeCompare(String(b), "en", { numeric: true });
}

function sortBy(table, at, direction) {
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const texts = rows.map((row) => textOf(row, at));
  const given = texts.filter((text) => text !== "");
  const numeric = given.filter((text) => numberIn(text) !== null).length * 2 > given.length;
  const keys = new Map(rows.map((row, i) => [row, numeric ? numberIn(texts[i]) : texts[i] || null]));
  rows.sort((a, b) => {
    const [x, y] = [keys.get(a), keys.get(b)];
    if (x === null || y === null) return (x === null) - (y === null); // what has no value stays last
    return direction * compare(x, y);
  });
  body.append(...rows);
}

function sortable(table) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, at) => {
    if (head.classList.contains("fixed")) return;
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    head.setAttribute("aria-sort", "none");
    button.addEventListener("click", () => {
      const up = head.getAttribute("aria-sort") !== "ascending";
      heads.forEach((other) => { if (other.hasAttribute("aria-sort")) other.setAttribute("aria-sort", "none"); });
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      sortBy(table, at, up ? 1 : -1);
    });
  });
}

function filterable(table, region) {
  const rows = [...table.tBodies[0].rows];
  const label = document.createElement("label");
  const field = document.createElement("input");
  const said = document.createElement("span");
  const box = document.createElement("p");
  box.className = "filter";
  field.type = "search";
  said.setAttribute("role", "status");
  label.append("Rows with ", field);
  box.append(label, " ", said);
  region.before(box);
  field.addEventListener("input", () => {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
      if (!row.hidden) shown += 1;
    }
    said.textContent = words.length ? `${shown} of ${rows.length} rows` : "";
  });
}

for (const region of document.querySelectorAll("main .table")) {
  const table = region.querySelector("table");
  if (!table) continue;
  const rows = table.tBodies[0].rows.length;
  if (rows > 1) sortable(table);
  if (rows >= LONG && !region.classList.contains("cards")) filterable(table, region);
}
