// Tables: a button below each saves it as CSV, in the order and with the rows that are shown.
function plain(cell) {
  const copy = cell.cloneNode(true);
  copy.querySelectorAll(".foot").forEach((ways) => ways.remove());
  copy.querySelectorAll("br").forEach((line) => line.replaceWith(" "));
  const text = copy.textContent.replace(/\s+/g, " ").trim().replaceAll("\u2212", "-");
  return `"${text.replaceAll('"', '""')}"`;
}

function csvOf(table) {
  const rows = [...table.rows].filter((row) => !row.hidden);
  return rows.map((row) => [...row.cells].map(plain).join(",")).join("\r\n") + "\r\n";
}

function save(region) {
  const name = region.querySelector("caption")?.textContent ?? region.ariaLabel ?? "table";
  const link = document.createElement("a");
  // The mark at the start tells spreadsheets that the text is UTF-8.
  link.href = URL.createObjectURL(new Blob(["\ufeff", csvOf(region.querySelector("table"))], { type: "text/csv" }));
  link.download = `${name.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "").slice(0, 60)}.csv`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

for (const region of document.querySelectorAll("main .table")) {
  const box = document.createElement("p");
  const button = document.createElement("button");
  box.className = "save";
  button.type = "button";
  button.textContent = "Save as CSV";
  button.setAttribute("aria-label", `Save as CSV: ${region.querySelector("caption")?.textContent ?? region.ariaLabel}`);
  button.addEventListener("click", () => save(region));
  box.append(button);
  region.after(box);
}
