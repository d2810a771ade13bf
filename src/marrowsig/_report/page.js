// Folds, ways into them, copying, and the place in the list of sections. Without it the page is complete.
document.documentElement.classList.add("js");

function unfold(target) {
  for (let at = target; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
}

function goTo(address) {
  const target = document.getElementById(address);
  if (!target) return;
  unfold(target);
  target.scrollIntoView();
  document.querySelectorAll(".reached").forEach((old) => old.classList.remove("reached"));
  target.classList.add("reached");
}

function addressOf(link) {
  return decodeURIComponent(link.hash.slice(1));
}

// Wide screens show the list of sections unfolded; browsers that cannot do so by style get it open.
const sections = document.querySelector("nav details");
const wide = matchMedia("(min-width: 64rem)");
if (!CSS.supports("selector(::details-content)")) sections.open = wide.matches;

document.addEventListener("click", (event) => {
  const link = event.target.closest('a[href^="#"]');
  if (!link) return;
  unfold(document.getElementById(addressOf(link)));
  if (sections.contains(link) && !wide.matches) sections.open = false; // before the way to the section is measured
});
window.addEventListener("hashchange", () => goTo(decodeURIComponent(location.hash.slice(1))));
if (location.hash) goTo(decodeURIComponent(location.hash.slice(1)));

for (const button of document.querySelectorAll("[data-folds]")) {
  button.addEventListener("click", () => {
    document.querySelectorAll("main details").forEach((fold) => { fold.open = button.dataset.folds === "open"; });
  });
}

let closed = [];
window.addEventListener("beforeprint", () => {
  closed = [...document.querySelectorAll("main details:not([open], .long)")];
  closed.forEach((fold) => { fold.open = true; });
});
window.addEventListener("afterprint", () => closed.forEach((fold) => { fold.open = false; }));

function selectAndCopy(element) {
  const range = document.createRange();
  range.selectNodeContents(element);
  const selection = getSelection();
  selection.removeAllRanges();
  selection.addRange(range);
  return document.execCommand("copy");
}

async function copy(element) {
  const blocks = [...element.children].map((block) => block.textContent.trim());
  try {
    await navigator.clipboard.writeText(blocks.join("\n\n"));
    return true;
  } catch {
    return selectAndCopy(element); // pages from a file may lack the clipboard
  }
}

for (const button of document.querySelectorAll("[data-copy]")) {
  button.addEventListener("click", async () => {
    const done = await copy(document.getElementById(button.dataset.copy));
    button.nextElementSibling.textContent = done ? "Copied." : "Selected: copy with the keyboard.";
  });
}

if ("IntersectionObserver" in window) {
  const links = new Map([...document.querySelectorAll("nav a")].map((a) => [addressOf(a), a]));
  const seen = new Set();
  const watcher = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      const id = entry.target.getAttribute("aria-labelledby");
      if (entry.isIntersecting) seen.add(id); else seen.delete(id);
    }
    let current = null;
    for (const [id, link] of links) {
      link.removeAttribute("aria-current");
      if (!current && seen.has(id)) current = link;
    }
    if (current) current.setAttribute("aria-current", "true");
  }, { rootMargin: "-10% 0px -70% 0px" });
  document.querySelectorAll("main section").forEach((section) => watcher.observe(section));
}
