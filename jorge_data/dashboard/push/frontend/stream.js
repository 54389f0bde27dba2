// The event feed: every event has its own line, newest first; it holds still while a person reads.
const GROUPS = ["news", "all", "qualification", "sequences", "intent", "conversations", "revenue", "properties", "health", "bots", "contacts"];
const MAX_LINES = 300, SHOWN = 50, NEW_MS = 3000;

class Stream {
  constructor(section, open, repaint) {
    Object.assign(this, { open, repaint, lines: [], waiting: [], filter: "news", paused: false, hovered: false });
    this.at = (css) => section.querySelector(css);
    this.at(".chips").replaceChildren(...GROUPS.map((group) => button(group[0].toUpperCase() + group.slice(1), () => this.show(group))));
    this.at(".hold").onclick = () => { this.paused = !this.paused; this.release(); };
    this.at(".fresh-lines").onclick = () => { this.paused = this.hovered = false; this.release(); };
    const list = this.at(".lines");
    list.onpointerenter = ({ pointerType }) => { this.hovered = pointerType === "mouse"; };
    list.onpointerleave = () => { this.hovered = false; this.release(); };
    this.mark();
  }

  load(lines) {
    this.lines = lines;
    this.waiting = [];
  }

  // A line that is not newer than all reads otherwise now: its contact's name has become known.
  add(lines) {
    const newest = (this.waiting[0] ?? this.lines[0])?.seq ?? 0, fresh = lines.filter((line) => line.seq > newest || this.reword(line));
    this.waiting.unshift(...fresh);
    this.waiting.splice(MAX_LINES);
  }

  reword(line) {
    const here = [this.waiting, this.lines].find((list) => list.some(({ seq }) => seq === line.seq));
    if (!here) return;
    here[here.findIndex(({ seq }) => seq === line.seq)] = line;
    [...this.at(".lines").children].find((row) => row.__seq === line.seq)?.replaceWith(this.line(line));
  }

  show(group) {
    this.filter = group;
    this.mark();
    this.paintAll();
    this.repaint();
  }

  mark() {
    [...this.at(".chips").children].forEach((chip, i) => chip.setAttribute("aria-pressed", GROUPS[i] === this.filter));
  }

  release() {
    setText(this.at(".hold"), this.paused ? "Resume" : "Pause");
    this.at(".hold").setAttribute("aria-pressed", this.paused);
    this.repaint();
  }

  // News is all but what bots do step by step: of them, that they failed.
  filtered(lines) {
    if (this.filter === "all") return lines;
    if (this.filter === "news") return lines.filter((line) => line.group !== "bots" || line.title.some(([style]) => style === "bad"));
    return lines.filter((line) => line.group === this.filter);
  }

  paintAll() {
    const lines = this.filtered(this.lines).slice(0, SHOWN), none = this.lines.length ? this.filter === "news" ? "Nothing but steps of bots among the last events. All shows them." : "No event of this kind among the last." : "No events yet. The Connect page has a line to paste.";
    this.at(".lines").replaceChildren(...(lines.length ? lines.map((line) => this.line(line)) : [el("p", "empty", none)]));
  }

  paint() {
    const fresh = this.filtered(this.waiting), note = this.at(".fresh-lines"), list = this.at(".lines"), held = this.paused || this.hovered;
    note.hidden = !held || !fresh.length;
    if (held) return setText(note, `${fresh.length} new`);
    this.lines = [...this.waiting, ...this.lines].slice(0, MAX_LINES);
    this.waiting = [];
    if (!fresh.length) return;
    list.querySelector(".empty")?.remove();
    list.prepend(...fresh.map((line) => this.line(line, true)));
    while (list.childElementCount > SHOWN) list.lastChild.remove();
  }

  // What is new is tinted for a moment; no animation, which would paint the whole list at every frame.
  untint(now) {
    for (const row of this.at(".lines").querySelectorAll(".new")) row.classList.toggle("new", now - row.__came < NEW_MS);
  }

  line({ seq, at_ms, title, detail, contact }, fresh = false) {
    const row = button("", () => this.open("conversations", contact), fresh ? "ev new" : "ev"), text = el("span"), head = el("span");
    row.disabled = !contact;
    spans(head, title);
    text.append(head, el("small", "", detail));
    row.append(el("time", "", clock.format(at_ms)), text);
    Object.assign(row, { __seq: seq, __came: performance.now() });
    return row;
  }
}
