// The card at the head of a contact's page: whom to reach and how, why, and how it went; the same acts as in the list.
const FACTS = [["address", "Home"], ["value", "Estimate"], ["email", "Mail"], ["owner", "Owner"], ["local_time", "Local time"], ["url", "CRM"]];

class Card {
  constructor(wall, node) {
    Object.assign(this, { wall, node, data: null });
    this.at = (css) => node.querySelector(css);
  }

  get list() { return this.wall.list; }
  get shown() { return Boolean(this.data); }

  // What is open of this contact: as the wall has it by now, or as it was when the page was read.
  get items() {
    if (!this.data) return [];
    const live = this.list.items.filter(({ contact }) => contact === this.data.contact);
    return live.length || !this.list.needs || this.wall.link.works ? live : this.data.open;
  }

  // What somebody put off: it is in no list until then, and on its contact's page all the same.
  get later() {
    const shown = new Set(this.items.map(({ item }) => item));
    return this.data.open.filter(({ item, next_ms: next }) => next > this.wall.now() && !shown.has(item));
  }

  // On what an act is: the dearest item that is open, else the contact itself.
  get subject() {
    if (!this.data) return null;
    const { item, name, contact, owner, choices } = this.data;
    return this.items[0] ?? { item: item.startsWith("contact:") ? item : `contact:${contact}`, name, contact, owner, choices, tone: "", says: "", held: false, first_name: "", events: [], ways: [], since_ms: null };
  }

  use(data) {
    this.data = data;
    this.node.hidden = !data;
    this.paint();
  }

  paint() {
    if (!this.data) return;
    const n = this.subject, { name, temperature, why: reason } = this.data;
    if (this.node.__need?.item !== n.item) this.node.__busy = false; // what was pressed is done, and this is about something else
    this.node.__need = n;
    keepFocus(this.node, () => {
      const top = el("div", "top"), who = el("div", "id"), head = el("h2", "", name);
      if (MARK[temperature]) head.append(" ", el("span", `t ${temperature}`, MARK[temperature]));
      who.append(head, this.number(), this.ways(n), ...this.items.map((each) => this.waits(each)), ...this.later.map((each) => this.putOff(each)));
      const facts = el("dl");
      if (reason) facts.append(this.fact(MARK[temperature] ? `Why ${temperature}` : "Why", el("dd", "", reason), "y"));
      facts.append(...FACTS.flatMap(([key, label]) => { const dd = this.value(key, n); return dd ? [this.fact(label, dd)] : []; }));
      top.append(who, facts);
      this.node.replaceChildren(top, ...this.strip(n));
    });
    this.list.enable(this.node, n.item);
  }

  number() {
    const { phone, phone_state: state } = this.data, call = this.data.ways.find(({ kind }) => kind === "call");
    if (!phone) return el("p", "big none", "No number yet");
    if (state !== "ok" || !call) return el("p", "big off", phone);
    return named(Object.assign(el("a", "big", phone), { href: call.href }), "tel");
  }

  ways(n) {
    const box = el("div", "cta"), { phone, phone_state: state, ways, name } = this.data;
    if (state === "do_not_contact") box.append(el("span", "no", "Do not contact"));
    box.append(...ways.map(({ kind, href }) => named(Object.assign(el("a", `btn${kind === "call" ? " go" : ""}`, WAYS[kind]), { href, ariaLabel: `${WAYS[kind]} ${name}` }), kind)));
    if (phone && state === "ok") box.append(named(button("Copy number", () => this.list.copy(this.data), "btn copy"), "copy"));
    if (n.since_ms && this.list.mayAct) {
      const acts = this.list.acts(n);
      acts.querySelector("[data-do=outcome]")?.remove(); // the outcomes stand below, always
      box.append(acts);
    }
    return box;
  }

  waits(n) {
    const text = el("p", "wait");
    text.append(this.wall.aged("b", n.tone, n.since_ms), ` ${why(n)}`, el("small", "refused"));
    return text;
  }

  putOff(n) {
    const text = el("p", "wait");
    text.append(el("span", "mute", `put off until ${dated.format(n.next_ms)}: `), why(n));
    return text;
  }

  fact(label, dd, cls = "") {
    const pair = el("div", cls);
    pair.append(el("dt", "", label), dd);
    return pair;
  }

  value(key, n) {
    const dd = el("dd"), value = this.data[key];
    if (key === "owner") {
      const owner = n.owner ?? this.data.owner;
      return dd.append(...(owner ? [] : [el("span", "mute", "Nobody")]), ...this.list.owner({ ...n, owner }).childNodes), dd;
    }
    if (!value) return null;
    if (key === "url") dd.append(Object.assign(el("a", "lnk", "Open in the CRM ↗"), { href: value, target: "_blank", rel: "noopener noreferrer" }));
    else if (key === "email") {
      const mail = this.data.ways.find(({ kind }) => kind === "mail");
      dd.append(mail ? Object.assign(el("a", "lnk", value), { href: mail.href }) : el("span", "", value));
    }
    else dd.append(el("span", "", value));
    if (key === "email") dd.append(named(Object.assign(button("Copy", () => this.list.copyOf(value, this.data.name), "take copy"), { ariaLabel: "Copy the e-mail address" }), "copy mail"));
    const more = { value: this.data.commission && `commission ${this.data.commission}`, local_time: this.data.may_be_called }[key];
    if (more) dd.append(el("span", "mute", more));
    return dd;
  }

  strip(n) {
    const strips = this.list.strip(this.node, n);
    if (strips.length) return strips;
    return this.list.mayAct && n.choices.length ? [this.list.outcomes(n)] : [];
  }

  // To the contact of the item before or after this one.
  move(step) {
    const all = [...new Set(this.list.items.map(({ contact }) => contact).filter(Boolean))], at = all.indexOf(this.data.contact);
    const next = all[at < 0 ? 0 : at + step];
    if (next && next !== this.data.contact) this.wall.open("conversations", next);
  }

  // "2 of 11" beside the title, and the way back.
  get position() {
    const all = [...new Set(this.list.items.map(({ contact }) => contact).filter(Boolean))], at = all.indexOf(this.data?.contact);
    return at < 0 ? "" : `${at + 1} of ${all.length}`;
  }
}
