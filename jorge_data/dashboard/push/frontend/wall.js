// Paints what Python computed: no figure and no finding is made here.
const MARK = { hot: "▲ Hot", warm: "● Warm", cold: "▼ Cold" };
const NEEDS = 5, TOAST_MS = 6000, CONNECT_MS = [250, 500, 1000, 2000, 4000, 8000];

class Wall {
  constructor(root) {
    Object.assign(this, { root, view: {}, v: 0, tries: 0, toasted: null, skew: 0, dirty: new Set() });
    this.connection = { state: "connecting" };
    this.at = (css) => root.querySelector(css);
    this.stream = new Stream(this.at(".stream"), (...where) => this.open(...where), () => this.touch("lines"));
    this.at(".retry").onclick = () => this.socket?.readyState === 1 ? this.send({ type: "retry" }) : this.connect();
    this.at(".bell").onclick = () => this.ring();
    this.at(".needs .all").onclick = ({ currentTarget }) => {
      currentTarget.ariaExpanded = String(currentTarget.ariaExpanded !== "true");
      setText(currentTarget, currentTarget.ariaExpanded === "true" ? "Fewer" : "All");
      this.touch("needs");
    };
    // A menu closes as menus do: with Escape, and where something else is chosen.
    root.addEventListener("keydown", ({ key, target }) => {
      const menu = key === "Escape" && target.closest(".more[open]");
      if (menu) menu.open = false, menu.firstElementChild.focus();
    });
    root.addEventListener("click", ({ target }) => {
      for (const menu of root.querySelectorAll(".more[open]")) menu.open = menu.contains(target);
    });
    this.at(".funnel").onclick = () => this.open("qualification");
    this.timer = setInterval(() => this.tick(), 1000);
  }

  // Streamlit calls this at every rerun: take the new facts, keep the socket.
  update({ data, setTriggerValue }) {
    this.trigger = setTriggerValue;
    const first = !this.data, moved = this.data && this.data.asked !== data.asked;
    this.data = data;
    this.ticket = data.ticket;
    setText(this.at(".title"), data.title);
    const wall = this.root;
    wall.classList.toggle("on-page", !data.wall);
    wall.classList.toggle("kiosk", data.kiosk);
    wall.classList.toggle("steady", !data.kiosk);
    this.at(".link").hidden = !data.pill;
    this.at(".kpis").hidden = !data.wall;
    for (const part of [".needs", ".board", ".bell"]) this.at(part).hidden = !data.contacts; // withheld is not "none"
    [...this.at(".chips").children].forEach((chip, i) => { chip.hidden = GROUPS[i] !== "all" && !data.groups.includes(GROUPS[i]); });
    this.at(".cols").hidden = !data.wall && this.at(".bell").ariaExpanded !== "true";
    if (data.frame && (first || this.socket?.readyState !== 1)) this.receive(data.frame, true);
    if (!first) this.touch("connection");
    if (moved) this.send({ type: "audience", ticket: data.ticket });
    if (!this.socket || this.socket.readyState > 1) this.connect();
  }

  connect() {
    clearTimeout(this.retry);
    const url = new URL(`${this.base()}/${this.data.socket}`, location.href);
    const asked = String(url);
    url.protocol = url.protocol.replace("http", "ws");
    const socket = (this.socket = new WebSocket(url));
    socket.onopen = () => {
      this.refused = null;
      socket.send(JSON.stringify({ type: "join", ticket: this.ticket }));
    };
    socket.onerror = () => this.ask(asked);
    socket.onmessage = (message) => this.receive(JSON.parse(message.data));
    socket.onclose = ({ code }) => {
      if (socket !== this.socket || this.closed) return;
      const wait = CONNECT_MS[Math.min(this.tries++, CONNECT_MS.length - 1)] * (0.5 + Math.random());
      this.connection = { state: this.tries > 3 ? "offline" : "connecting", since_ms: this.now(), retry_ms: this.now() + wait };
      if (this.tries > 3) this.reportLink("no_socket");
      this.touch("connection");
      // A ticket is spent or too old: a rerun of the page brings a new one, and `update` connects with it.
      if (code === 4501) this.trigger("renew", Date.now());
      this.retry = setTimeout(() => this.connect(), code === 4501 ? wait + 2000 : wait);
    };
  }

  // The path of the first page: what stands in the address before this page's own.
  base() {
    const path = location.pathname.replace(/\/+$/, ""), own = `/${this.data.path}`;
    return this.data.path && path.endsWith(own) ? path.slice(0, -own.length) : path;
  }

  // A browser is not told why a socket was refused: the same address says it to who asks without a socket.
  async ask(address) {
    try {
      const { error } = await (await fetch(address, { method: "POST" })).json();
      this.refused = error.detail;
    } catch { this.refused = null; } // nobody answers: the socket failed for no reason of its own
    this.touch("connection");
  }

  receive(frame, embedded = false) {
    if (frame.type === "refused") return this.refuse(frame);
    if (frame.type === "state") {
      this.v = frame.v;
      this.resend_from = null; // versions of another channel may meet the same gap
      this.skew = Date.now() - frame.now_ms;
      this.ticket = frame.ticket ?? this.ticket;
      if (!embedded) this.tries = 0;
      this.view = frame.view;
      this.stream.load(frame.view.feed); // now, and not when it is painted: what comes before that is newer
      this.toasted = null; // what was there already is in the list; a toast is for what comes
      this.notice = frame.notice;
      for (const section of [...Object.keys(frame.view), "notice"]) this.dirty.add(section);
    } else if (frame.type === "patch") {
      if (frame.from !== this.v) return this.resend_from !== this.v && (this.resend_from = this.v, this.send({ type: "resend" }));
      this.v = frame.v;
      Object.assign(this.view, frame.set);
      for (const section of Object.keys(frame.set)) this.dirty.add(section);
      if (frame.feed?.length) this.stream.add(frame.feed), this.dirty.add("lines");
    }
    if (frame.connection && !(embedded && this.tries)) this.connection = frame.connection, this.dirty.add("connection");
    if (frame.connection && !embedded && frame.connection.state !== "connecting") this.reportLink(frame.connection.state);
    if ("server" in frame) this.server = frame.server, this.dirty.add("server");
    if (frame.diag) dispatchEvent(new CustomEvent("jorge:diagnostics", { detail: frame.diag }));
    if (embedded) this.paint(); else this.touch();
  }

  // The page reruns by the clock while the socket brings nothing: it has to know when that begins and ends.
  reportLink(link) {
    if (link !== (this.reported_link ?? "live")) this.trigger("link", link);
    this.reported_link = link;
  }

  touch(section) {
    if (section) this.dirty.add(section);
    if (this.data.paused) return this.paint_connection();
    // What has just happened goes in at once, the figures that it moves with the very frame that shows both.
    if (this.dirty.delete("lines")) this.stream.paint();
    if (this.pending) return;
    this.pending = true;
    onNextFrame(() => this.paint());
  }

  paint() {
    this.pending = false;
    const start = performance.now();
    for (const section of this.dirty) this[`paint_${section}`]?.(this.view[section]);
    this.dirty.clear();
    if (this.v !== this.painted_v && this.socket?.readyState === 1) this.send({ type: "painted", v: (this.painted_v = this.v), ms: performance.now() - start });
  }

  paint_bar(bar) {
    this.at(".demo").hidden = !bar.demo;
    setText(this.at(".place"), bar.location);
    this.at(".counting").hidden = !bar.counting;
    setText(this.at(".counting"), bar.counting);
    this.at(".fresh").className = `pill fresh ${bar.level}`;
    this.freshness();
    spans(this.at(".bell"), [["b", String(bar.alerts)], ["t", bar.alerts === 1 ? "alert" : "alerts"]]);
    const more = bar.more_sources ? [{ name: "", level: "", more: `and ${bar.more_sources.toLocaleString("en-US")} more` }] : [];
    keyed(this.at(".sources"), [...bar.sources, ...more], (s) => s.name, () => el("li"), (li, s) => {
      li.className = s.level;
      li.replaceChildren(...(s.more ? [el("span", "", s.more)] : [el("span", "", s.name), this.aged("b", "", s.at_ms)]));
    });
  }

  paint_kpis(tiles) {
    keyed(this.at(".kpis"), tiles, (t) => t.key, () => {
      const tile = button("", null, "kpi");
      tile.append(el("span"), el("strong"), el("em"), el("span", "bar"));
      tile.children[1].append(el("span"), el("small"));
      tile.children[3].append(el("i"));
      return tile;
    }, (tile, t) => {
      const [label, value, note, bar] = tile.children;
      tile.className = `kpi ${/\d/.test(t.value) ? "" : t.key === "system" && t.tone !== "mute" ? "words" : "none"}`;
      tile.title = t.help;
      tile.onclick = () => this.open(t.page, null, t.key);
      setText(label, t.label);
      value.className = t.key === "system" ? "" : t.tone;
      if (t.key === "system" && !value.querySelector("i")) value.prepend(el("i", "dot"), " ");
      if (t.key === "system") value.querySelector("i").className = `dot ${{ ok: "", bad: "offline", warm: "polling" }[t.tone] ?? "idle"}`;
      countUp(value.querySelector("span"), t.value);
      setText(value.querySelector("small"), t.tail && ` ${t.tail}`);
      spans(note, t.note);
      bar.hidden = t.progress === null;
      bar.firstChild.style.width = `${Math.min(1, t.progress ?? 0) * 100}%`;
    });
  }

  paint_needs({ count, items }) {
    this.at(".needs .all").hidden = items.length <= NEEDS;
    this.at(".needs .list").classList.toggle("few", this.at(".needs .all").ariaExpanded !== "true");
    setText(this.at(".needs small"), count ? `${count} now, most urgent first` : "");
    keyed(this.at(".needs .list"), items.length ? items : [{ item: "" }], (n) => n.item, (n) => el("div", n.item ? "need" : ""), (row, n) => {
      if (!n.item) return row.replaceChildren(el("p", "empty", "Nothing needs you now."));
      const text = el("p"), title = el("span");
      spans(title, n.title);
      text.append(title, el("br"), el("small", "", [n.mine && `taken by ${n.mine}`, n.detail].filter(Boolean).join(" · ")),
        ...n.events.map(({ at_ms, text: what }) => el("small", "happened", `${dated.format(at_ms)} · ${what}`)), el("small", "refused"));
      row.replaceChildren(this.aged("span", `clock ${n.tone}`, n.since_ms), text, this.actions(n));
      this.toast(n);
    });
    this.toasted ??= new Set();
    for (const n of items) this.toasted.add(n.item);
  }

  actions(n) {
    const act = (action, text, until) => button(text, (event) => {
      event.currentTarget.closest(".act").querySelectorAll("button").forEach((b) => { b.disabled = true; });
      this.send({ type: "act", item: n.item, action, until });
    });
    const mine = act("assigned", "Mine"), snooze = act("snoozed", "Snooze", 3600), done = act("acknowledged", "Done");
    const box = el("span", "act"), more = el("details", "more"), menu = el("div");
    const shown = n.contact ? [button("Open", () => this.open("conversations", n.contact))] : [];
    // What is taken stays where it was, dead: a second click must not meet another action there.
    const taken = Object.assign(button("Mine"), { disabled: true }), calls = n.tone === "hot";
    shown.push(calls ? (n.mine ? taken : mine) : snooze);
    shown[n.first === "mine" ? shown.length - 1 : 0].classList.toggle("go", calls);
    menu.append(...(calls ? [snooze] : n.mine ? [] : [mine]), done);
    more.append(Object.assign(el("summary", "", "⋯"), { ariaLabel: "More" }), menu);
    box.append(...shown, more);
    return box;
  }

  refuse({ item, detail }) {
    const row = [...this.at(".needs .list").children].find((node) => node.__key === item);
    if (!row) return;
    row.querySelectorAll("button").forEach((b) => { b.disabled = false; });
    setText(row.querySelector(".refused"), detail);
  }

  toast(n) {
    if (!this.toasted || this.toasted.has(n.item) || !n.news || !["hot", "bad"].includes(n.tone)) return;
    const box = el("div", "toast"), title = el("span");
    spans(title, n.title);
    box.append(title, el("small", "", n.detail));
    this.at(".toasts").replaceChildren(...[...this.at(".toasts").children].slice(-2), box);
    setTimeout(() => box.remove(), TOAST_MS);
    if (this.data.sound && n.tone === "hot") try { chime(); } catch { /* a machine without sound still has a wall */ }
  }

  paint_bots(bots) {
    keyed(this.at(".bots"), bots.length ? bots : [{ name: "" }], (b) => b.name, (b) => el("div", b.name ? "bot" : ""), (card, b) => {
      if (!b.name) return card.replaceChildren(el("p", "empty", "No bot has reported yet. The Connect page has the lines to paste."));
      const head = el("h3"), step = el("div", "step"), figures = el("dl");
      head.append(el("i", `dot ${b.state}`), el("span", "", b.label), this.aged("small", "", b.since_ms, b.state));
      spans(step, b.step);
      figures.append(...b.figures.map(([value, label]) => { const pair = el("div"); pair.append(el("dt", "", label), el("dd", "", value)); return pair; }));
      card.replaceChildren(head, step, ...(b.error ? [el("div", "fault", b.error)] : []), ...(b.spark.some(Boolean) ? [spark(b.spark)] : []), figures);
    });
  }

  // Names are the publishers' own, and may be any number: those last heard of have a card, the others are a number.
  paint_more_bots(count) {
    this.at(".more-bots").hidden = !count;
    setText(this.at(".more-bots"), count ? `and ${count.toLocaleString("en-US")} more` : "");
  }

  paint_board({ count, rows }) {
    setText(this.at(".board small"), count ? `${count} in progress` : "");
    this.at(".board thead").hidden = !rows.length;
    keyed(this.at(".board tbody"), rows.length ? rows : [{ contact: "" }], (r) => r.contact, () => el("tr"), (tr, r) => {
      const cell = (cls, ...children) => { const td = el("td", cls); td.append(...children); return td; };
      if (!r.contact) return tr.replaceChildren(cell("empty", "No seller is in qualification now."));
      const marks = r.marks.map((mark) => el("i", mark)), bar = el("span", "eff");
      bar.append(el("i"));
      bar.firstChild.style.width = `${r.effectiveness}%`;
      const progress = cell("q", ...marks);
      progress.setAttribute("aria-label", `${r.marks.filter((m) => m === "done").length} of 4 answered`);
      tr.replaceChildren(cell("", button(r.name, () => this.open("conversations", r.contact))), progress, cell(`t ${r.temperature}`, MARK[r.temperature]),
        cell("wide", bar, String(r.effectiveness)), cell("wide step", (r.stalled ? "Stalled · " : "") + r.next_step), this.aged("td", "", r.at_ms));
    });
  }

  paint_rate(rate) { setText(this.at(".stream small"), `${rate.toLocaleString("en-US")}/min`); }

  paint_feed() { this.stream.paintAll(); }
  paint_lines() { this.stream.paint(); }

  paint_connection() {
    const { state, latency_ms, retry_ms, every_ms } = this.connection;
    const words = { live: ["Live", latency_ms == null ? "" : `${Math.round(latency_ms)} ms`], polling: ["Polling", `every ${Math.round((every_ms ?? 5000) / 1000)} s`], connecting: ["Connecting", ""],
      offline: ["Offline", retry_ms ? `retry in ${age(retry_ms - this.now() + 999)}` : ""] }[state];
    if (this.refused && state !== "live") words.splice(1, 1, `refused: ${this.refused}`);
    if (this.data.paused) words.splice(0, 2, "Paused", "");
    const mark = { polling: "◐", connecting: "◌", offline: "✕" }[state] ?? "";
    spans(this.at(".words"), [["b", (mark ? `${mark} ` : "") + words[0]], ["t", words[1]]]);
    this.at(".link .dot").className = `dot ${state}`;
    this.at(".link").title = state !== "live" && this.refused ? this.refused : this.connection.since_ms ? `since ${clock.format(this.connection.since_ms + this.skew)}` : "";
    this.at(".retry").hidden = state !== "offline";
  }

  paint_server() {
    const box = this.at(".notice.server");
    box.hidden = !this.server;
    setText(box, this.server ?? "");
  }

  paint_notice() {
    const box = this.at(".notice");
    box.hidden = !this.notice;
    if (this.notice) box.replaceChildren(this.notice.text, ...(this.notice.link ? [Object.assign(el("a", "", this.notice.link.text), { href: this.notice.link.href })] : []));
  }

  ring() {
    if (this.data.wall) return this.at(".needs").scrollIntoView({ block: "center" });
    const open = this.at(".bell").ariaExpanded !== "true";
    this.at(".bell").ariaExpanded = String(open);
    this.at(".cols").hidden = !open;
  }

  // An age that counts up by itself; it is written when it is made, and then once a second.
  aged(tag, cls, since, prefix = "") {
    const node = Object.assign(el(tag, `${cls} aged`), { __since: since, __prefix: prefix });
    this.grow(node, this.now());
    return node;
  }

  grow(node, now) {
    if (node.__since) setText(node, (node.__prefix ? `${node.__prefix} ` : "") + age(now - node.__since));
  }

  freshness() {
    const newest = this.view.bar?.newest_ms, parts = newest ? [["t", "last event "], ["b", age(this.now() - newest)], ["t", " ago"]] : [["t", "no events yet"]];
    spans(this.at(".fresh summary"), parts);
  }

  tick() {
    const now = this.now();
    this.freshness();
    for (const node of this.root.querySelectorAll(".aged")) this.grow(node, now);
    this.stream.untint(performance.now());
    if (this.connection.retry_ms) this.paint_connection();
  }

  now() { return Date.now() - this.skew; }
  open(page, contact, tile) { this.trigger("open", { page, contact: contact ?? null, tile: tile ?? null }); }
  send(message) { if (this.socket?.readyState === 1) this.socket.send(JSON.stringify(message)); }
  close() { this.closed = true; clearInterval(this.timer); clearTimeout(this.retry); this.socket?.close(); }
}

export default function (component) {
  const root = component.parentElement.querySelector(".wall");
  root.__wall ??= new Wall(root);
  root.__wall.update(component);
  return () => { if (!root.isConnected) root.__wall.close(); };
}
