// Needs you: what waits, with the number and what can be done about it; how it went, until when it may wait, and back again.
const FEW = 12, FEW_ON_A_PHONE = 3, FEW_DONE = 3, UNDO_MS = 12000, LONGEST_NOTE = 500;
const NARROW = matchMedia("(max-width: 760px)");
const WAYS = { call: "Call", text: "Text", mail: "Mail" };
const FORMS = ["appointment", "note"];
const EDITABLE = "input, textarea, select, [contenteditable=true], [data-testid=stDataFrame] *";
const HINTS = { cost: "what waiting costs most comes first; in a group, the freshest", wait: "who waits longest comes first, whatever it costs" };
const KEYS = [["j", "the next one"], ["k", "the one before"], ["o", "open the contact"], ["m", "mine: take it"], ["d", "how did it go? Then 1 to 6"], ["s", "snooze"], ["w", "who waits longest first, or what waiting costs most"], ["u", "undo what you did last"], ["Esc", "close"], ["?", "these keys"]];

const named = (node, what) => { node.dataset.do = what; return node; };
const keyHint = (key) => { const node = el("kbd", "", key); node.ariaHidden = "true"; return node; };
const why = (n) => (n.held ? `${n.temperature}, ${n.says}` : n.says);
const sentence = (n) => `${n.name} ${n.held ? "is " : ""}${why(n)}`;

// A page without TLS has no clipboard of its own. Returns whether it is copied; the focus is where it was.
async function copyText(text) {
  try { return await navigator.clipboard.writeText(text), true; } catch { /* as browsers did it before */ }
  const field = Object.assign(document.createElement("textarea"), { value: text });
  let held = document.activeElement;
  while (held?.shadowRoot?.activeElement) held = held.shadowRoot.activeElement;
  document.body.append(field);
  field.select();
  const copied = document.execCommand("copy");
  field.remove();
  held?.focus({ preventScroll: true });
  return copied;
}

class NeedsList {
  constructor(wall, section) {
    Object.assign(this, { wall, section, filter: "all", order: "cost", whole: false, allDone: false, selected: null, opened: null, acted: [], undone: new Map(), words: new Map(), forms: new Map(), needs: null });
    this.at = (css) => section.querySelector(css);
    for (const choice of this.at(".seg").children) choice.onclick = () => { this.filter = choice.value; this.whole = false; this.paint(); };
    for (const choice of this.at(".order").children) choice.onclick = () => this.sort(choice.value);
    this.at(".whole").onclick = () => this.unfold(!this.whole);
    this.at(".done .all").onclick = () => { this.allDone = !this.allDone; this.paintDone(); };
    this.at(".keys button").onclick = () => this.help();
    section.addEventListener("focusin", ({ target }) => { const row = target.closest?.(".need"); if (row) this.select(row.__need.item); });
    this.onKey = (event) => this.key(event);
    document.addEventListener("keydown", this.onKey);
    this.onDigit = (event) => this.digit(event);
    document.addEventListener("keydown", this.onDigit, true);
    this.wall.root.addEventListener("click", (event) => {
      const within = event.composedPath().some((node) => node.matches?.(".menu, [aria-expanded]"));
      if (!within && ["snooze", "owner"].includes(this.opened?.part)) this.open(this.opened.item, null);
    });
    this.onNarrow = () => this.paint();
    NARROW.addEventListener("change", this.onNarrow);
  }

  get data() { return this.wall.data; }
  get me() { return this.data.me; }
  get mayAct() { return this.data.acts; }
  // As Python orders them, by what waiting costs; or who waits longest first, whatever it costs.
  get items() {
    const items = this.needs?.items ?? [];
    return this.order === "wait" ? items.toSorted((a, b) => a.since_ms - b.since_ms) : items;
  }
  // As people call somebody, where the page knows: whoever may give something away knows them all.
  nameOf({ id, name }) { return id === this.me ? "You" : this.data.people.find(([known]) => known === id)?.[1] ?? name; }
  find(item) { return this.items.find((n) => n.item === item) ?? this.wall.card.items.find((n) => n.item === item) ?? (this.wall.card.subject?.item === item ? this.wall.card.subject : undefined); }

  of(filter) {
    if (filter === "mine") return this.items.filter(({ owner }) => owner?.id === this.me);
    return filter === "nobodys" ? this.items.filter(({ owner }) => !owner) : this.items;
  }

  paintAll(needs) {
    const known = this.needs && new Set(this.items.map(({ item }) => item));
    this.needs = needs;
    this.paint();
    this.paintDone();
    return needs.items.filter(({ item }) => known && !known.has(item));
  }

  // A row shows what its item says and what depends on who looks: whose it is, what he may do, to whom he may give it.
  use({ people, me, acts, writes }) {
    const viewer = JSON.stringify([people, me, acts, writes]);
    if (viewer !== this.viewer) for (const css of [".list", ".dones"]) for (const row of this.at(css).children) row.__json = "";
    this.viewer = viewer;
    this.paint();
    if (this.needs) this.paintDone();
  }

  paint() {
    if (!this.needs) return;
    const { count, groups, nobodys, by_owner: owners } = this.needs, mine = owners[this.me] ?? 0;
    const counts = { mine, nobodys, all: count };
    setText(this.at(".cnt"), String(count));
    for (const choice of this.at(".seg").children) {
      setText(choice, `${choice.dataset.label} ${numbers.format(counts[choice.value])}`);
      choice.ariaPressed = String(choice.value === this.filter);
    }
    const byWait = this.order === "wait";
    for (const choice of this.at(".order").children) choice.ariaPressed = String(choice.value === this.order);
    setText(this.at(".hint"), HINTS[this.order]);
    const items = this.of(this.filter), few = NARROW.matches ? FEW_ON_A_PHONE : FEW, shown = this.whole || this.isPrinted ? items : items.slice(0, few);
    const rows = byWait ? shown : groups.flatMap((group) => {
      const inside = shown.filter((n) => n.group === group.key);
      const n = this.filter === "all" ? group.count : items.filter((each) => each.group === group.key).length;
      return inside.length ? [{ ...group, count: n, heading: group.key }, ...inside] : [];
    });
    const nothing = { heading: "", title: this.nothing(counts) };
    const before = this.rows(), place = before.findIndex((row) => row.__need.item === this.selected), held = this.section.getRootNode().activeElement;
    keyed(this.at(".list"), rows.length ? rows : [nothing], (n) => n.item ?? `group ${n.heading}`, (n) => this.make(n), (node, n) => n.item ? this.paintRow(Object.assign(node, { __busy: false }), n) : this.paintHeading(node, n));
    if (place >= 0 && !before[place].isConnected) this.selectInPlace(before, place, held);
    for (const row of this.rows()) row.classList.toggle("sel", row.__need.item === this.selected);
    const more = this.at(".whole"), left = shown.length && shown.length === items.length ? counts[this.filter] - items.length : 0;
    more.hidden = items.length <= few;
    setText(more, this.whole ? "Show fewer" : `Show all ${numbers.format(items.length)}`);
    more.ariaExpanded = String(this.whole);
    setText(this.at(".unlisted"), left > 0 ? `and ${numbers.format(left)} more, when these are dealt with` : "");
    this.at(".foot").hidden = more.hidden && !this.at(".unlisted").textContent;
  }

  // What stands in the place of rows. Only so many are sent: that none of these is among them is not that there is none.
  nothing({ [this.filter]: count, all }) {
    if (count) return `${numbers.format(count)} ${count === 1 ? "waits" : "wait"}, behind those that are on this list: deal with some of All first.`;
    if (!all) return "Nothing needs you now.";
    return this.filter === "mine" ? "Nothing is yours. Take something of nobody’s." : "Somebody is at everything.";
  }

  // The list begins anew with its first row, and what is selected stays selected.
  sort(order) {
    this.order = order;
    this.whole = false;
    this.paint();
    this.wall.paintPosition();
  }

  make(n) {
    if (!n.item) return el(n.heading ? "h3" : "p", n.heading ? "grp" : "empty");
    const row = el("div", "need");
    row.role = "group";
    row.tabIndex = -1;
    return row;
  }

  paintHeading(node, { heading, title, says, count }) {
    if (!heading) return setText(node, title);
    node.replaceChildren(el("b", "", title), el("span", "n", numbers.format(count)), el("span", "gs", says));
  }

  rows() { return [...this.at(".list").children].filter((node) => node.__need); }
  nodes(item) { return [...this.rows(), this.wall.card.node].filter((node) => node?.__need?.item === item); }

  // What is being typed or has the focus stays, though the item it is about has changed.
  paintRow(row, n) {
    const strip = this.strip(row, n);
    row.__need = n;
    row.ariaLabel = sentence(n);
    keepFocus(row, () => row.replaceChildren(
      this.wall.aged("span", `clock ${n.tone}`, n.since_ms), this.sentence(n), this.number(n), this.ways(n), this.owner(n), this.acts(n), ...strip));
    row.classList.toggle("open", strip.length > 0);
    this.enable(row, n.item);
  }

  sentence(n) {
    const text = el("p"), name = n.contact ? named(button(n.name, () => this.wall.open("conversations", n.contact), "name"), "open") : el("b", "name", n.name);
    text.append(name, " ");
    if (MARK[n.temperature]) text.append(el("span", `t ${n.temperature}`, MARK[n.temperature]), " ");
    text.append(el("span", "why", why(n)), el("br"));
    text.append(el("small", "", [n.detail, n.note && `note: ${n.note}`].filter(Boolean).join(" · ")));
    text.append(...n.events.map(({ at_ms, text: what }) => el("small", "happened", `${dated.format(at_ms)} · ${what}`)), el("small", "refused"));
    return text;
  }

  number(n) {
    const box = el("span", "num"), call = n.ways.find(({ kind }) => kind === "call");
    if (!n.phone) return box;
    if (n.phone_state !== "ok" || !call) return box.append(Object.assign(el("span", "tel off", n.phone), { title: n.phone_state === "struck" ? "this number does not reach" : "do not contact" })), box;
    box.append(named(Object.assign(el("a", "tel", n.phone), { href: call.href, onclick: () => this.called(n) }), "tel"));
    box.append(named(Object.assign(button("Copy", () => this.copy(n), "copy"), { ariaLabel: `Copy the number of ${n.name}` }), "copy"));
    return box;
  }

  ways(n) {
    const box = el("span", "ct");
    if (n.phone_state === "do_not_contact") box.append(el("span", "no", "Do not contact"));
    const calls = n.ways.some(({ kind }) => kind === "call"); // whom one can call, one writes to from her page
    box.append(...n.ways.filter(({ kind }) => kind !== "mail" || !calls).map(({ kind, href }) => {
      const way = named(Object.assign(el("a", `btn${kind === "call" && n.tone === "hot" ? " go" : ""}`, WAYS[kind]), { href }), kind);
      way.ariaLabel = `${WAYS[kind]} ${n.name}`;
      way.addEventListener("click", () => this.called(n));
      return way;
    }));
    return box;
  }

  // Whoever has called says next how it went.
  called(n) { if (this.mayAct && n.choices.length) setTimeout(() => this.open(n.item, "outcome")); }

  copy(n) { return this.copyOf(n.phone, n.name); }

  async copyOf(text, of) {
    if (await copyText(text)) this.wall.say([["b", text], ["t", " is copied"]], of, "good");
    else this.wall.say([["b", text], ["t", " could not be copied"]], "This browser does not let it. Mark it on the page, and copy it from there.", "bad");
  }

  owner(n) {
    const box = el("span", "ow"), mine = n.owner?.id === this.me, people = this.data.people.filter(([id]) => id !== n.owner?.id && id !== this.me);
    if (n.owner) {
      const who = el("span", "own");
      who.append(Object.assign(el("i", "av", n.owner.initials), { ariaHidden: "true" }), el("span", "", this.nameOf(n.owner)));
      if (!this.mayAct || (mine && !people.length)) return box.append(who), box;
      const change = this.opens(n, "owner", button("", null, "own"));
      change.append(...who.childNodes);
      change.ariaLabel = mine ? "Yours: give it to somebody" : `${this.nameOf(n.owner)} has it: take or give it`;
      box.append(change);
    } else if (this.mayAct) {
      box.append(named(button("Take it", () => this.take(n), "take"), "take"));
      if (people.length) box.append(Object.assign(this.opens(n, "owner", button("▾", null, "take")), { ariaLabel: "Give to" }));
    }
    if (this.isOpen(n, "owner")) {
      const rows = people.map(([id, shown]) => [shown, "", () => this.act(n, "assigned", { to: id }, `given to ${shown}`)]);
      box.append(this.menu("Give to", [...(mine || !n.owner ? [] : [["Take it", "", () => this.take(n)]]), ...rows], people.length ? "It takes the contact along." : ""));
    }
    return box;
  }

  acts(n) {
    const box = el("span", "do");
    if (!this.mayAct) return box;
    if (n.choices.length) box.append(this.opens(n, "outcome", button("Outcome ▾", null, "btn")));
    box.append(this.opens(n, "snooze", button("Snooze ▾", null, "btn")));
    if (this.isOpen(n, "snooze")) {
      const rows = (this.needs?.snoozes ?? this.wall.card.data?.snoozes ?? []).map(({ label, says, until }) => [label, says, () => this.act(n, "snoozed", { until }, `snoozed, ${label.toLowerCase()} (${says})`)]);
      box.append(this.menu("Snooze until", rows, n.contact ? `Comes back at once if ${n.first_name || "the contact"} writes.` : ""));
    }
    return box;
  }

  opens(n, part, node) {
    const open = this.isOpen(n, part);
    node.onclick = () => this.open(n.item, open ? null : part);
    node.ariaExpanded = String(open);
    if (part !== "outcome") node.ariaHasPopup = "menu";
    node.classList.toggle("on", open);
    return named(node, part);
  }

  menu(label, rows, foot) {
    const menu = el("div", "menu");
    menu.role = "menu";
    menu.ariaLabel = label;
    const labelled = (text, says, act) => { const row = button(text, act); row.role = "menuitem"; row.append(el("span", "", says)); return named(row, `${label} ${text}`); };
    menu.append(...rows.map((row) => labelled(...row)), ...(foot ? [el("p", "", foot)] : []));
    menu.onkeydown = (event) => {
      const all = [...menu.querySelectorAll("button")], at = all.indexOf(menu.getRootNode().activeElement), step = { ArrowDown: 1, ArrowUp: -1, j: 1, k: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      event.stopPropagation();
      all[(at + step + all.length) % all.length].focus();
    };
    return menu;
  }

  // The strip beneath a row: how it went, or the moment or the words that belong to what was chosen.
  strip(row, n) {
    const part = this.opened?.item === n.item && this.opened.part;
    if (!this.mayAct || !part) return [];
    if (!FORMS.includes(part)) return part === "outcome" ? [this.outcomes(n)] : [];
    const key = [n.item, part, row === this.wall.card.node].join(" ");
    if (!this.forms.has(key)) this.forms.set(key, { item: n.item, part, node: this.form(n, part) });
    return [this.forms.get(key).node];
  }

  outcomes(n) {
    const box = el("div", "outs");
    box.role = "group";
    box.ariaLabel = "How did it go?";
    box.append(el("span", "q", "How did it go?"), ...n.choices.map((choice) => {
      const node = named(button("", () => this.choose(n.item, choice), "out"), `choice ${choice.key}`);
      node.append(keyHint(choice.key), el("b", "", choice.label), el("small", "", choice.says));
      return node;
    }));
    return box;
  }

  form(n, part) {
    const form = el("form", "ask"), isNote = part === "note", { clock = "", default: first = "", min = "", max = "" } = this.needs?.appointment ?? this.wall.card.data?.appointment ?? {};
    const label = el("label", "", isNote ? "What should the next person know?" : `When is the appointment? (${clock})`), field = el(isNote ? "textarea" : "input");
    if (isNote) Object.assign(field, { rows: 2, maxLength: LONGEST_NOTE });
    else Object.assign(field, { type: "datetime-local", defaultValue: first, min, max });
    field.required = true;
    field.dataset.do = part;
    label.append(field);
    const back = button("Cancel", () => { this.dropForms(n.item, part); this.open(n.item, null); }, "btn");
    form.append(label, Object.assign(el("button", "btn go", isNote ? "Add note" : "Save"), { type: "submit" }), back);
    Object.assign(form, { field, isTyped: () => field.value !== field.defaultValue });
    form.onsubmit = (event) => {
      event.preventDefault();
      const value = field.value.trim(), choice = this.find(n.item)?.choices.find((each) => (isNote ? each.action === "noted" : each.outcome === "appointment"));
      if (!value || !choice) return;
      if (isNote) this.act(n, choice.action, { note: value }, "noted", part);
      else this.act(n, choice.action, { outcome: choice.outcome, until: value }, `appointment, ${dated.format(new Date(value))}`, part); // the clock is the office's
      form.parentNode?.focus({ preventScroll: true }); // what is being saved is disabled, and can hold no focus
    };
    return form;
  }

  choose(item, choice) {
    const n = this.find(item);
    if (choice.action === "noted") return this.open(item, "note");
    if (choice.outcome === "appointment") return this.open(item, "appointment");
    const { action, outcome, until, label, says } = choice;
    this.act(n, action, { outcome: outcome ?? undefined, until: until ?? undefined }, `${label.toLowerCase()}, ${says}`);
  }

  take(n) { this.act(n, "assigned", {}, "yours now"); }

  // An act closes the menu or the outcomes of its own item. A form stays until it is known that what it says is saved: of a
  // refusal the words are still there. What an act says is said when it is saved, and it can be taken back.
  act(n, action, more, words, form = "") {
    if (!this.mayAct || this.wall.actions_of.isPressed(n.item)) return;
    if (this.opened?.item === n.item && !FORMS.includes(this.opened.part)) this.open(n.item, null);
    this.words.set(this.wall.actions_of.press(n.item, action, more), { name: n.name, words, form, undoes: action === "undone" });
  }

  // Without an item the act that was saved last in this page, else the newest of today that is one's own.
  undo(item) {
    const back = item ?? this.acted.at(-1) ?? this.needs?.done.items.find((d) => d.by.id === this.me && !(this.undone.get(d.item) >= d.at_ms));
    if (!back) return this.wall.say([["t", "There is nothing to undo."]], "");
    this.act(back, "undone", {}, "taken back");
  }

  saved(item, ref) {
    const said = this.words.get(ref);
    if (!said) return;
    this.words.delete(ref);
    if (said.form) this.dropForms(item, said.form);
    if (said.form && this.isOpen({ item }, said.form)) this.open(item, null);
    this.acted = this.acted.filter((each) => each.item !== item);
    if (said.undoes) this.undone.set(item, this.wall.now());
    else this.acted.push({ item, name: said.name });
    this.wall.say([["b", said.name], ["t", `: ${said.words}`]], "", "good", said.undoes ? null : () => this.undo({ item, name: said.name }));
    this.wall.acted(item);
  }

  dropForms(item, part) {
    for (const [key, form] of this.forms) if (form.item === item && form.part === part) this.forms.delete(key);
  }

  isOpen(n, part) { return this.opened?.part === part && this.opened.item === n?.item; }

  // Open a part of an item, and close what was open; the focus goes along.
  open(item, part) {
    const before = this.opened?.item;
    this.opened = part ? { item, part } : null;
    for (const [key, form] of this.forms) if (!form.node.isTyped() && !this.isOpen(form, form.part)) this.forms.delete(key);
    for (const each of new Set([before, item])) for (const node of this.nodes(each)) node === this.wall.card.node ? this.wall.card.paint() : this.paintRow(node, node.__need);
    if (!part) return;
    const node = this.nodes(item).find((each) => each.checkVisibility?.() ?? true);
    node?.querySelector({ outcome: ".outs button", appointment: "form input", note: "form textarea" }[part] ?? ".menu button")?.focus();
  }

  select(item) {
    this.selected = item;
    for (const row of this.rows()) row.classList.toggle("sel", row.__need.item === item);
  }

  // Where the selected row has gone, the one that took its place is selected: who works by the keyboard goes on from there.
  // What somebody was typing in it is no key for the next.
  selectInPlace(before, place, held) {
    const had = before[place].contains(held), row = had && held.matches(EDITABLE) ? null : before.slice(place).find((each) => each.isConnected) ?? this.rows().at(-1);
    this.selected = row?.__need.item ?? null;
    if (had) row?.focus({ preventScroll: true });
  }

  unfold(whole) {
    this.whole = whole;
    this.paint();
  }

  // On paper nothing can be unfolded: it has all of them.
  print(isPrinted) {
    this.isPrinted = isPrinted;
    this.paint();
  }

  move(step) {
    const all = this.of(this.filter), at = all.findIndex((n) => n.item === this.selected);
    const next = all[at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, at + step))];
    if (!next) return;
    if (!this.rows().some((row) => row.__need.item === next.item)) this.unfold(true);
    const row = this.rows().find((each) => each.__need.item === next.item);
    this.select(next.item);
    row.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  }

  // The bell, where the list is on the page: it goes to the first that waits.
  ring() {
    this.section.scrollIntoView({ block: "nearest" });
    if (!this.items.length) return this.wall.say([["t", "Nothing needs you now."]], "");
    this.selected = null;
    this.filter = "all";
    this.paint();
    this.move(1);
  }

  get current() { return this.wall.card.shown ? this.wall.card.subject : this.find(this.selected); }

  hears({ key, repeat, ctrlKey, metaKey, altKey, defaultPrevented }) {
    const isKey = !defaultPrevented && !(repeat && !["j", "k"].includes(key)) && !ctrlKey && !metaKey && !altKey;
    return isKey && this.wall.root.isConnected && !this.data?.kiosk && !this.data?.paused;
  }

  // Whether a key is none of a field, of a dialog, or of a page that shows nothing of this.
  isFree(event) {
    const target = event.composedPath()[0], isInDialog = this.at("dialog").open || target.closest?.("dialog") || document.querySelector("[role=dialog]");
    return !target.matches?.(EDITABLE) && !isInDialog && (this.wall.card.shown || !this.section.hidden);
  }

  // While it is asked how it went a digit is the answer, and not also what the page does with it: before anybody else it is
  // heard here.
  digit(event) {
    const n = this.current;
    if (!/^[0-9]$/.test(event.key) || !this.isOpen(n, "outcome") || !this.hears(event) || !this.isFree(event)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const choice = n.choices.find((each) => each.key === event.key);
    if (choice) this.choose(n.item, choice);
  }

  key(event) {
    const { key } = event;
    if (!this.hears(event)) return;
    if (key === "Escape" && this.opened) return this.escape();
    if (!this.isFree(event)) return;
    const n = this.current, move = (step) => (this.wall.card.shown ? this.wall.card : this).move(step), act = { j: () => move(1), k: () => move(-1), u: () => this.undo(), w: () => this.sort(this.order === "wait" ? "cost" : "wait"), "?": () => this.help(),
      o: n?.contact && !this.wall.card.shown && (() => this.wall.open("conversations", n.contact)), m: n && n.owner?.id !== this.me && (() => this.take(n)),
      d: n?.choices.length && (() => this.open(n.item, "outcome")), s: n?.since_ms && (() => this.open(n.item, "snooze")) }[key];
    const choice = this.wall.card.shown && n?.choices.find((each) => each.key === key);
    if (!act && !choice) return;
    event.preventDefault();
    if (choice) this.choose(n.item, choice); else act();
  }

  escape() {
    const { item, part } = this.opened;
    this.open(item, null);
    for (const node of this.nodes(item)) (node.querySelector(`[data-do="${["snooze", "owner"].includes(part) ? part : "outcome"}"]`) ?? node).focus();
  }

  help() {
    const dialog = this.at("dialog"), list = el("dl");
    list.append(...KEYS.map(([key, what]) => { const row = el("div"), term = el("dt"); term.append(el("kbd", "", key)); row.append(term, el("dd", "", what)); return row; }));
    dialog.replaceChildren(el("h3", "", "Keys"), list, button("Close", () => dialog.close(), "btn"));
    dialog.showModal();
  }

  // What became of an action, in the item that it was about; what is not saved yet may be so after all.
  note(item, { busy, text, done }, { ref, again } = {}) {
    for (const node of this.nodes(item)) {
      node.__busy = busy;
      this.enable(node, item);
      node.querySelector(".refused")?.classList.toggle("saved", Boolean(done));
      if (node.querySelector(".refused")) setText(node.querySelector(".refused"), text);
    }
    if (done && text) return this.saved(item, ref);
    if (!text) return;
    if (!again) this.words.delete(ref);
    const held = this.section.getRootNode().activeElement; // what was written goes on from there
    for (const { node, item: of } of this.forms.values()) if (of === item && held && held === node.parentNode) node.field.focus({ preventScroll: true });
    this.wall.announce(text);
  }

  enable(node, item) {
    const busy = this.wall.actions_of.isPressed(item) || node.__busy;
    for (const each of node.querySelectorAll("button, input, textarea")) each.disabled = Boolean(busy);
  }

  paintDone() {
    const { count, says, items } = this.needs.done, box = this.at(".done"), shown = this.allDone ? items : items.slice(0, FEW_DONE);
    box.hidden = !count;
    setText(box.querySelector(".n"), numbers.format(count));
    setText(box.querySelector(".gs"), says);
    const all = box.querySelector(".all");
    all.hidden = items.length <= FEW_DONE;
    all.ariaExpanded = String(this.allDone);
    setText(all, this.allDone ? "Show fewer" : `Show all ${numbers.format(items.length)}`);
    keyed(box.querySelector(".dones"), shown, (d) => `${d.item} ${d.at_ms}`, () => el("div", "dn"), (row, d) => {
      const text = el("span"), who = el("span", "dw", this.nameOf(d.by));
      text.append(d.contact ? button(d.name, () => this.wall.open("conversations", d.contact), "name") : el("b", "", d.name), ` ${d.says}`);
      row.replaceChildren(el("time", "", hourMinute.format(d.at_ms)), text, who);
      if (d.by.id === this.me && this.mayAct) row.append(Object.assign(button("Undo", () => this.undo({ item: d.item, name: d.name }), "undo"), { ariaLabel: `Undo: ${d.name}` }));
    });
  }

  close() {
    document.removeEventListener("keydown", this.onKey);
    document.removeEventListener("keydown", this.onDigit, true);
    NARROW.removeEventListener("change", this.onNarrow);
  }
}

// Paint anew, and leave the focus where it was: on the same element, or on the one that took its place.
function keepFocus(node, paint) {
  const held = node.getRootNode().activeElement, was = node.contains(held) ? held : null;
  paint();
  if (!was || was === node) return;
  (was.isConnected ? was : node.querySelector(`[data-do="${CSS.escape(was.dataset.do ?? "")}"]`) ?? node).focus({ preventScroll: true });
}
