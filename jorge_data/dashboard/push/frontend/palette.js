// The search of every page, by `/` or Ctrl-K: what is typed goes to the dashboard, what it found is painted here.
const TYPED_MS = 120, FOUND_MS = 8000;
const isTyping = (node) => node?.matches?.("input, textarea, select, [contenteditable], [contenteditable] *");

class Palette {
  constructor(dialog, opener, link, open) {
    Object.assign(this, { dialog, opener, link, open, hits: [], at: 0 });
    [this.input, this.says, this.list] = ["input", ".says", ".hits"].map((css) => dialog.querySelector(css));
    opener.onclick = () => this.show();
    this.onKey = (event) => this.key(event);
    document.addEventListener("keydown", this.onKey, true);
    this.input.oninput = () => this.typed();
    dialog.onclick = ({ target }) => { if (target === dialog) dialog.close(); };
    dialog.onclose = () => this.closed();
  }

  use({ kiosk }) { this.off = this.opener.hidden = kiosk; }

  key(event) {
    if (this.off) return;
    const { key, ctrlKey, metaKey, altKey } = event;
    if ((ctrlKey || metaKey) && !altKey && key.toLowerCase() === "k") return event.preventDefault(), event.stopPropagation(), this.dialog.open ? this.dialog.close() : this.show();
    if (this.dialog.open) return this.move(event);
    const [at] = event.composedPath(), isFree = at === this.input || !isTyping(at); // it has the focus for a moment after it closed
    if (key === "/" && !ctrlKey && !metaKey && !altKey && isFree) event.preventDefault(), event.stopPropagation(), this.show();
  }

  // While it is open the page behind hears no key: neither the wall's shortcuts nor Streamlit's.
  move(event) {
    event.stopPropagation();
    if (event.isComposing) return;
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
    if (event.key === "Enter") event.preventDefault(), this.choose(this.hits[this.at]);
    else if (event.key === "Escape") event.preventDefault(), this.dialog.close();
    else if (steps && this.hits.length) event.preventDefault(), this.mark(Math.abs(steps) > 1 ? Math.max(0, Math.min(this.hits.length - 1, this.at + steps)) : (this.at + steps + this.hits.length) % this.hits.length);
  }

  show() {
    if (this.dialog.open) return;
    this.input.value = "";
    this.before = document.activeElement;
    this.chosen = false;
    this.paint({ groups: [], failed: [] });
    this.dialog.showModal();
    this.input.focus();
    this.ask();
  }

  closed() {
    clearTimeout(this.timer);
    this.asked = null;
    if (!this.chosen) (this.before?.isConnected ? this.before : this.opener).focus?.({ preventScroll: true });
  }

  typed() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), TYPED_MS);
  }

  // Only the answer to what stands there now is painted: an earlier one may come later.
  async ask() {
    const q = (this.asked = this.input.value.trim());
    this.dialog.dataset.asked = q;
    const { status, body } = await this.link.ask("search", { q }, FOUND_MS);
    if (this.asked !== q || !this.dialog.open) return;
    if (status === 200) this.paint(body);
    else this.paint({ groups: [], failed: [body?.error?.detail ?? "Nobody answers: try again in a moment."] });
    this.dialog.dataset.found = q;
    if (this.wanted === q && this.hits.length) this.choose(this.hits[this.at]);
    this.wanted = null;
  }

  paint({ groups, failed }) {
    const rows = groups.flatMap(({ rows }) => rows), count = rows.length, more = groups.reduce((sum, group) => sum + group.more, 0);
    this.hits = rows;
    this.list.replaceChildren(...groups.map(({ title, rows: listed, more: further }) => {
      const group = el("div", "group"), head = el("div", "head", title);
      group.setAttribute("role", "group");
      group.setAttribute("aria-label", title);
      head.setAttribute("aria-hidden", "true");
      group.append(head, ...listed.map((hit) => this.row(hit, rows.indexOf(hit))));
      if (further) group.append(Object.assign(el("div", "further", `and ${numbers.format(further)} more: write more of the name`), { role: "presentation" }));
      return group;
    }));
    const none = this.asked && !count && !failed.length ? "Nothing is called so. Try a part of the name, or the last digits of the number." : "";
    setText(this.says, failed.join(" ") || none);
    this.says.classList.toggle("bad", failed.length > 0);
    this.input.ariaExpanded = String(count > 0);
    this.list.ariaLabel = this.asked ? `Found: ${count + more}` : "Pages and views";
    this.mark(0);
  }

  row(hit, place) {
    const row = el("div", "hit"), name = el("b", "", hit.title), note = el("span", "note", hit.note), mark = el("span", `mark ${hit.tone}`, hit.mark);
    row.id = `palette-hit-${place}`;
    row.setAttribute("role", "option");
    row.append(name, note, mark);
    row.onmousemove = () => this.at !== place && this.mark(place);
    row.onclick = () => this.choose(hit);
    return row;
  }

  mark(place) {
    this.at = place;
    for (const row of this.list.querySelectorAll(".hit")) row.ariaSelected = String(row.id === `palette-hit-${place}`);
    const row = this.list.querySelector(`#palette-hit-${place}`);
    if (row) this.input.setAttribute("aria-activedescendant", row.id); else this.input.removeAttribute("aria-activedescendant");
    row?.scrollIntoView({ block: "nearest" });
  }

  // Enter before the answer is there opens the first of what comes.
  choose(hit) {
    if (this.input.value.trim() !== this.dialog.dataset.found) return (this.wanted = this.input.value.trim());
    if (!hit) return;
    this.chosen = true;
    this.dialog.close();
    this.open(hit.open);
  }

  leave() { document.removeEventListener("keydown", this.onKey, true); }
}
