// Paints what Python computed: no figure and no finding is made here.
const MARK = { hot: "▲ Hot", warm: "● Warm", cold: "▼ Cold" };
const TOAST_MS = 6000, JUST_NOW_MS = 2000, REREAD_MS = 1500;
const PRINTED = ["beforeprint", "afterprint"], LOOKED = ["online", "pageshow", "focus", "resume", "visibilitychange"];

class Wall {
  constructor(root) {
    Object.assign(this, { root, view: {}, v: 0, skew: 0, dirty: new Set() });
    this.connection = { state: "connecting" };
    this.told = moment();
    this.at = (css) => root.querySelector(css);
    this.stream = new Stream(this.at(".stream"), (...where) => this.open(...where), () => this.touch("lines"));
    this.link = new Link((frame) => this.receive(frame), () => this.linkChanged());
    this.card = new Card(this, this.at(".card"));
    this.list = new NeedsList(this, this.at(".needs"));
    this.actions_of = new Actions(this.link, (...what) => this.list.note(...what));
    for (const again of root.querySelectorAll(".retry")) again.onclick = () => this.link.works ? this.link.send({ type: "retry" }) : this.link.retryNow();
    this.look = () => { if (!document.hidden) this.link.watch(true), this.tick(), this.confirm(); };
    for (const event of LOOKED) for (const target of [window, document]) target.addEventListener(event, this.look);
    this.paper = ({ type }) => this.list.print(type === "beforeprint");
    for (const event of PRINTED) addEventListener(event, this.paper);
    this.at(".bell").onclick = () => this.ring();
    this.at(".back").onclick = () => this.open("command-center");
    this.palette = new Palette(this.at(".palette"), this.at(".find"), this.link, (target) => this.trigger("open", target));
    this.at(".funnel").onclick = () => this.open("qualification");
    this.timer = setInterval(() => this.tick(), 1000);
  }

  // Streamlit calls this at every rerun: take the new facts, keep the socket.
  update({ data, setTriggerValue }) {
    this.trigger = setTriggerValue;
    const first = !this.data, moved = this.data && this.data.asked !== data.asked;
    this.data = data;
    writeIn(data.writes);
    setText(this.at(".title"), data.title);
    const wall = this.root;
    wall.classList.toggle("on-page", !data.wall);
    wall.classList.toggle("kiosk", data.kiosk);
    wall.classList.toggle("days", data.days);
    wall.classList.toggle("steady", !data.kiosk);
    this.at(".link").hidden = !data.pill;
    this.at(".kpis").hidden = this.at(".cols").hidden = !data.wall;
    for (const part of [".board", ".bell"]) this.at(part).hidden = !data.contacts; // withheld is not "none"
    this.at(".needs").hidden = !data.contacts || (!data.wall && this.at(".bell").ariaExpanded !== "true");
    [...this.at(".chips").children].forEach((chip, i) => { chip.hidden = !["news", "all"].includes(GROUPS[i]) && !data.groups.includes(GROUPS[i]); });
    this.card.use(data.card);
    this.list.use(data);
    this.paintPosition();
    this.link.use(data);
    this.palette.use(data);
    if (data.frame && (first || !this.link.open)) this.receive(data.frame, true), this.refreshed = first ? null : moment();
    if (!first) this.touch("connection");
    if (moved) this.link.send({ type: "audience", ticket: data.ticket });
  }

  linkChanged() {
    if (this.link.tries > GIVEN_UP) this.reportLink("no_socket");
    this.touch("connection");
  }

  receive(frame, embedded = false) {
    if (frame.type === "refused" || frame.type === "done") return this.actions_of.answered(frame);
    if (frame.type === "state") {
      this.v = frame.v;
      this.resend_from = null; // versions of another channel may meet the same gap
      this.skew = Date.now() - frame.now_ms;
      this.link.key = frame.key ?? this.link.key;
      this.view = frame.view;
      this.stream.load(frame.view.feed); // now, and not when it is painted: what comes before that is newer
      this.forget();
      this.list.needs = null; // what was there already is in the list; a toast is for what comes
      this.notice = frame.notice;
      for (const section of [...Object.keys(frame.view), "notice"]) this.dirty.add(section);
    } else if (frame.type === "patch") {
      if (frame.from !== this.v) return this.resend_from !== this.v && (this.resend_from = this.v, this.link.send({ type: "resend" }));
      this.v = frame.v;
      Object.assign(this.view, frame.set);
      for (const section of Object.keys(frame.set)) this.dirty.add(section);
      if (frame.feed?.length) this.stream.add(frame.feed), this.dirty.add("lines");
    }
    if (frame.connection) this.connection = frame.connection, this.told = moment(), this.dirty.add("connection");
    if (frame.connection && !embedded && frame.connection.state !== "connecting") this.reportLink(frame.connection.state);
    if ("server" in frame) this.server = frame.server, this.dirty.add("server");
    if (frame.diag) dispatchEvent(new CustomEvent("jorge:diagnostics", { detail: frame.diag }));
    if (embedded) this.paint(); else this.touch();
  }

  // The page reruns by the clock while the socket brings nothing: it has to know when that begins and ends.
  reportLink(link) {
    if (link === "silent") return;
    if (link !== (this.reported_link ?? "live")) this.trigger("link", link);
    this.reported_link = link;
  }

  touch(section) {
    if (section) this.dirty.add(section);
    if (this.data.paused) return this.paint_connection();
    // What has just happened goes in at once, the figures that it moves with the very frame that shows both. Of a burst
    // the lines come with that frame as well: between the two, the browser would lay out the page for the mouse's sake.
    if (this.stream.waiting.length <= 1 && this.dirty.delete("lines")) this.stream.paint();
    if (this.pending) return;
    this.pending = true;
    onNextFrame(() => this.paint());
  }

  paint() {
    this.pending = false;
    const start = performance.now();
    for (const section of this.dirty) this[`paint_${section}`]?.(this.view[section]);
    this.dirty.clear();
    this.took_ms = performance.now() - start;
    this.confirm();
  }

  // The dashboard paces what it sends by when it is on screen: what nobody can see is not.
  confirm() {
    if (this.v !== this.painted_v && this.link.open && !this.pending && !document.hidden) this.link.send({ type: "painted", v: (this.painted_v = this.v), ms: this.took_ms });
  }

  paint_bar(bar) {
    this.at(".demo").hidden = !bar.demo;
    setText(this.at(".place"), bar.location);
    this.at(".counting").hidden = !bar.counting;
    setText(this.at(".counting span"), bar.counting);
    this.at(".counting progress").hidden = bar.loaded === null;
    this.at(".counting progress").value = bar.loaded ?? 0;
    this.freshness();
    const alerts = bar.alerts === 1 ? "alert" : "alerts";
    spans(this.at(".bell"), [["b", numbers.format(bar.alerts)], ["wide", alerts]]);
    this.at(".bell").ariaLabel = `${bar.alerts} ${alerts}`;
    const more = bar.more_sources ? [{ name: "", level: "", more: `and ${numbers.format(bar.more_sources)} more` }] : [];
    keyed(this.at(".sources"), [...bar.sources, ...more], (s) => s.name, () => el("li"), (li, s) => {
      li.__at = s.at_ms;
      li.__level = s.level;
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
      if (t.key === "system" && this.unseen_ms) t = { ...t, value: "Unknown", tail: "", tone: "mute", note: [["t", `since ${clock.format(this.unseen_ms)}`]] };
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

  paint_needs(needs) {
    const came = this.list.paintAll(needs);
    for (const n of came) this.toast(n);
    this.card.paint();
    this.paintPosition();
    this.tell();
    this.reread();
  }

  // The one count, for what is outside of this component: the page list and the title of the window.
  tell() { dispatchEvent(new CustomEvent("jorge:needs", { detail: this.data.contacts && this.view.needs ? this.view.needs.count : 0 })); }

  paintPosition() {
    const { position, shown } = this.card, box = this.at(".position");
    this.at(".back").hidden = !shown;
    box.hidden = !position;
    if (position) box.replaceChildren(`${position} `, keyHint("k"), " ", keyHint("j"));
  }

  // What was done to this contact is in the page's own parts as well: they are read anew, once the figures know of it.
  acted(item) {
    if (!this.card.shown || !item.endsWith(`:${this.card.data.contact}`)) return;
    clearTimeout(this.stale);
    this.acted_at = location.href;
    this.stale = setTimeout(() => this.reread(), REREAD_MS);
  }

  reread() {
    if (!this.stale) return;
    clearTimeout(this.stale);
    this.stale = null;
    // Whoever has left meanwhile, by Back as well, is not called back to the page that was left.
    if (location.href === this.acted_at) this.trigger("acted", String(Date.now()));
  }

  toast(n) {
    if (!n.news || !["hot", "bad"].includes(n.tone)) return;
    this.say([["b", n.name], ["t", sentence(n).slice(n.name.length)]], n.detail);
    if (this.data.sound && n.tone === "hot") try { chime(); } catch { /* a machine without sound still has a wall */ }
  }

  // A notice, seen at the top right and heard by a screen reader; what was done can be undone from it for a while.
  say(title, detail, tone = "", undo = null) {
    const box = el("div", `toast ${tone}`), head = el("span");
    spans(head, title);
    box.append(head, el("small", "", detail));
    if (undo) {
      const back = button("Undo ", () => { box.remove(); undo(); }, "btn");
      back.append(keyHint("u"));
      box.append(back);
    }
    for (const old of this.at(".toasts").querySelectorAll(":scope > :has(button)")) if (undo) old.remove(); // one is taken back at a time
    this.at(".toasts").replaceChildren(...[...this.at(".toasts").children].slice(-2), box);
    setTimeout(() => box.remove(), undo ? UNDO_MS : TOAST_MS);
    this.announce([...title.map(([, text]) => text), detail && ` ${detail}`, undo && ". Press u to undo."].filter(Boolean).join(""));
  }

  // The view begins anew, and whoever was erased from it is in no notice any more.
  forget() {
    this.at(".news").textContent = "";
    for (const notice of this.at(".toasts").querySelectorAll(".toast:not(.bad)")) notice.remove();
    this.list.acted = [];
  }

  // The one region that a screen reader reads out by itself: news, and never a clock.
  announce(text) {
    clearTimeout(this.heard);
    this.at(".news").textContent = text;
    this.heard = setTimeout(() => { this.at(".news").textContent = ""; }, TOAST_MS);
  }

  paint_bots(bots) {
    keyed(this.at(".bots"), bots.length ? bots : [{ name: "" }], (b) => b.name, (b) => (b.name ? this.botCard() : el("div")), (card, b) => {
      if (!b.name) return card.replaceChildren(el("p", "empty", "No bot has reported yet. The Connect page has the lines to paste."));
      const [head, step, fault, line, figures] = card.children, [dot, label, lasting] = head.children;
      setClass(dot, `dot ${b.state}`);
      setText(label, b.label);
      Object.assign(lasting, { __since: b.since_ms, __prefix: b.state });
      if (b.since_ms) this.grow(lasting, this.now()); else setText(lasting, "");
      spans(step, b.step);
      fault.hidden = !b.error;
      setText(fault, b.error);
      drawSpark(line, b.spark);
      while (figures.childElementCount > b.figures.length) figures.lastChild.remove();
      b.figures.forEach(([value, name], i) => {
        const pair = figures.children[i] ?? figures.appendChild(el("div"));
        if (!pair.firstChild) pair.append(el("dt"), el("dd"));
        setText(pair.firstChild, name);
        setText(pair.lastChild, value);
      });
    });
  }

  // Its parts stay and only their words change: a dot that is made anew begins its pulse anew, which costs frames of its own.
  botCard() {
    const card = el("div", "bot"), head = el("h3");
    head.append(el("i", "dot"), el("span"), el("small", "aged"));
    card.append(head, el("div", "step"), el("div", "fault"), spark(), el("dl"));
    return card;
  }

  // Names are the publishers' own, and may be any number: those last heard of have a card, the others are a number.
  paint_more_bots(count) {
    this.at(".more-bots").hidden = !count;
    setText(this.at(".more-bots"), count ? `and ${numbers.format(count)} more` : "");
  }

  paint_board({ count, rows }) {
    setText(this.at(".board small"), count ? `${count} in progress` : "");
    this.at(".board thead").hidden = !rows.length;
    keyed(this.at(".board tbody"), rows.length ? rows : [{ contact: "" }], (r) => r.contact, () => el("tr"), (tr, r) => {
      const cell = (cls, ...children) => { const td = el("td", cls); td.append(...children); return td; };
      tr.onclick = null;
      if (!r.contact) return tr.replaceChildren(cell("empty", "No seller is in qualification now."));
      const marks = r.marks.map((mark) => el("i", mark)), bar = el("span", "eff");
      bar.append(el("i"));
      bar.firstChild.style.width = `${r.effectiveness}%`;
      tr.onclick = ({ target }) => target.closest("button") || this.open("conversations", r.contact);
      const progress = cell("q", ...marks);
      progress.setAttribute("aria-label", `${r.marks.filter((m) => m === "done").length} of 4 answered`);
      tr.replaceChildren(cell("", button(r.name, () => this.open("conversations", r.contact))), progress, cell(`t ${r.temperature}`, MARK[r.temperature]),
        cell("wide", bar, String(r.effectiveness)), cell("wide step", (r.stalled ? "Stalled · " : "") + r.next_step), this.aged("td", "", r.at_ms));
    });
  }

  paint_rate(rate) { setText(this.at(".stream small"), `${numbers.format(rate)}/min`); }

  paint_feed() { this.stream.paintAll(); }
  paint_lines() { this.stream.paint(); }

  // What is shown of the connection, at this moment by this machine's clock: our own link first, then what the dashboard said.
  shown() {
    const { link, connection } = this, lately = this.refreshed && since(this.refreshed) < 3 * (connection.every_ms ?? 5000);
    if (link.isLost && lately) return { ...connection, state: connection.state === "offline" ? "offline" : "polling", via: "page", retry_ms: null };
    if (link.isLost) return { state: "offline", via: "screen", since_ms: link.heard.wall, retry_ms: link.retry_ms };
    if (link.silence >= link.late) return { state: "silent", silent_ms: link.silence };
    if (!link.open && this.v) return { state: "connecting" };
    const aged = since(this.told), silent_ms = (connection.silent_ms ?? 0) + aged, at = connection.retry_ms;
    const told = { ...connection, silent_ms, latency_age_ms: (connection.latency_age_ms ?? 0) + aged, retry_ms: at && at + this.skew };
    if (connection.since_ms) told.since_ms += this.skew;
    if (connection.silent_ms == null || connection.state === "offline") return told;
    if (silent_ms >= connection.lost_ms) return { ...told, state: "offline", since_ms: Date.now() - silent_ms, retry_ms: null };
    return silent_ms >= connection.late_ms ? { ...told, state: "silent" } : told;
  }

  paint_connection() {
    const shown = this.shown(), { state, latency_ms, latency_age_ms, retry_ms, every_ms, silent_ms } = shown;
    const ago = latency_age_ms >= JUST_NOW_MS ? `, ${age(latency_age_ms)} ago` : "", retry = retry_ms ? `retry in ${age(retry_ms - Date.now() + 999)}` : "";
    const words = { live: ["Live", latency_ms == null ? "" : `${Math.round(latency_ms)} ms${ago}`], silent: ["Silent", `for ${age(silent_ms)}`],
      polling: ["Polling", `every ${Math.round((every_ms ?? 5000) / 1000)} s`], connecting: ["Connecting", ""], offline: ["Offline", retry] }[state];
    if (this.link.why && ["offline", "connecting"].includes(state)) words[1] = this.link.why;
    if (this.data.paused) words.splice(0, 2, "Paused", "");
    const mark = { silent: "◔", polling: "◐", connecting: "◌", offline: "✕" }[state] ?? "";
    spans(this.at(".words"), [["b", (mark ? `${mark} ` : "") + words[0]], ["t", words[1]]]);
    this.at(".link .dot").className = `dot ${state}`;
    this.at(".link").title = shown.since_ms ? `since ${clock.format(shown.since_ms)}` : "";
    this.at(".link .retry").hidden = state !== "offline";
    this.paint_outage(shown, retry);
  }

  // At the top of every page while nothing arrives, and a notice at the top right when that begins and when it ends.
  paint_outage({ state, via, since_ms, retry_ms, detail }, retry) {
    // It ends when something arrives: a connection that is only being tried is none.
    const goes_on = this.outage && ["connecting", "silent"].includes(state), offline = state === "offline" || Boolean(goes_on);
    const box = this.at(".outage"), from = since_ms ? ` since ${clock.format(since_ms)}` : "";
    const what = via === "screen" ? "This screen has no connection to the dashboard" : "The event server is out of reach";
    box.hidden = !offline && via !== "page";
    if (state === "offline") setText(box.firstChild, `${what}${from}: what is shown is as of then${retry && `, ${retry}`}.`);
    else if (via === "page") setText(box.firstChild, "There is no live connection: this page refreshes itself instead.");
    if (!goes_on) setText(box.querySelector("small"), (via ? this.link.why : detail) ?? "");
    if (offline === Boolean(this.outage)) return;
    const lasted = this.outage && age(since(this.outage));
    this.outage = offline ? moment() : null;
    this.root.classList.toggle("unseen", offline);
    this.unseen_ms = offline ? since_ms ?? Date.now() : null;
    if (offline) this.say([["t", `✕ Offline${from}`]], `${what}.`, "bad");
    else this.say([["t", "✓ Connected again"]], `Offline for ${lasted}.`, "good");
    for (const tile of this.at(".kpis").children) tile.__json = "";
    if (this.view.kpis) this.paint_kpis(this.view.kpis);
    this.freshness();
  }

  paint_server() {
    const box = this.at(".notice.server");
    box.hidden = !this.server;
    setText(box, this.server ?? "");
  }

  paint_notice() {
    const box = this.at(".home");
    box.hidden = !this.notice;
    if (this.notice) box.replaceChildren(this.notice.text, ...(this.notice.link ? [Object.assign(el("a", "", this.notice.link.text), { href: this.notice.link.href })] : []));
  }

  ring() {
    if (this.data.wall) return this.list.ring();
    const open = this.at(".bell").ariaExpanded !== "true";
    this.at(".bell").ariaExpanded = String(open);
    this.at(".needs").hidden = !open;
    if (open) this.list.ring();
  }

  // An age that counts up by itself; it is written when it is made, and then once a second.
  aged(tag, cls, since, prefix = "") {
    const node = Object.assign(el(tag, `${cls} aged`), { __since: since, __prefix: prefix });
    this.grow(node, this.now());
    return node;
  }

  grow(node, now) {
    const was = this.unseen_ms ? "was " : "";
    if (node.__since) setText(node, (node.__prefix ? `${was}${node.__prefix} ` : "") + age(now - node.__since));
  }

  freshness() {
    const { newest_ms: newest, level, loaded } = this.view.bar ?? {}, parts = newest ? [["t", this.unseen_ms ? "last event seen " : "last event "], ["b", age(this.now() - newest)], ["t", " ago"]] : [["t", typeof loaded === "number" ? "events are coming" : "no events yet"]];
    spans(this.at(".fresh summary"), parts);
    this.at(".fresh").className = `pill fresh ${this.level(newest, level ?? "none")}`;
    for (const li of this.at(".sources").children) li.className = this.level(li.__at, li.__level);
  }

  // What an age means: as the dashboard said, or worse by now; what cannot be seen is never fresh.
  level(at, told) {
    const levels = ["none", "ok", "amber", "red"], [amber, red] = this.data.fresh_ms, old = this.now() - at;
    const here = !at ? "none" : old >= red ? "red" : old >= amber || this.unseen_ms ? "amber" : "ok";
    return levels[Math.max(levels.indexOf(told), levels.indexOf(here))];
  }

  tick() {
    const now = this.now();
    if (!this.data) return;
    this.link.watch(false);
    this.paint_connection();
    this.freshness();
    for (const node of this.root.querySelectorAll(".aged")) this.grow(node, now);
    this.tell(); // Streamlit writes the title and the page list anew as it likes
    this.stream.untint(performance.now());
  }

  now() { return Date.now() - this.skew; }
  open(page, contact, tile) { this.trigger("open", { page, contact: contact ?? null, tile: tile ?? null }); }
  close() {
    clearInterval(this.timer);
    for (const event of LOOKED) for (const target of [window, document]) target.removeEventListener(event, this.look);
    for (const event of PRINTED) removeEventListener(event, this.paper);
    this.list.close();
    this.link.close();
    this.palette.leave();
  }
}
