// What was pressed: told by the socket, soon by HTTP as well; within 5 s there is an answer, or the buttons are back.
const HTTP_AFTER_MS = 1500, ANSWER_MS = 4500, SHOWN_MS = 5000;
const NO_ANSWER = "Not saved yet: nobody answers. Press it again: it is saved once";

// As crypto.randomUUID, which a page without TLS does not have.
function uuid() {
  const hex = [...crypto.getRandomValues(new Uint8Array(16))].map((byte, i) => (i === 6 ? (byte & 15) | 64 : i === 8 ? (byte & 63) | 128 : byte).toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

class Actions {
  constructor(link, show) {
    Object.assign(this, { link, show, waiting: new Map(), unsaved: new Map() });
  }

  // Returns the id of the action. The same button pressed again is the same action: it keeps its id until somebody says that
  // it is saved, or never will be.
  press(item, action, { until, to, outcome, note } = {}) {
    const button = [item, action, until, to, outcome, note].join(" "), ref = this.unsaved.get(button) ?? uuid(), act = { type: "act", ref, item, action, until, to, outcome, note };
    this.unsaved.set(button, ref);
    const heard = this.link.send(act);
    const timers = [
      setTimeout(() => this.post(act), heard ? HTTP_AFTER_MS : 0),
      setTimeout(() => this.answered({ type: "refused", ref, item, again: true, detail: NO_ANSWER }), ANSWER_MS),
    ];
    this.waiting.set(item, { ref, timers });
    this.show(item, { busy: true, text: "" });
    return ref;
  }

  async post(act) {
    const begun = performance.now(), { status, body } = await this.link.ask("act", act, ANSWER_MS - HTTP_AFTER_MS);
    if (status === 200) return this.answered(body);
    if (body?.error) return this.answered({ type: "refused", ref: act.ref, item: act.item, detail: `Not saved: ${body.error.detail}` });
    // Nobody is there, for a moment maybe: ask again while there is time.
    if (this.waiting.get(act.item)?.ref === act.ref) setTimeout(() => this.isWaiting(act) && this.post(act), Math.max(0, 1000 - (performance.now() - begun)));
  }

  isWaiting({ item, ref }) { return this.waiting.get(item)?.ref === ref; }

  answered({ type, ref, item, detail, again }) {
    if (!again) for (const [button, each] of this.unsaved) if (each === ref) this.unsaved.delete(button);
    if (this.isWaiting({ item, ref })) {
      this.waiting.get(item).timers.forEach(clearTimeout);
      this.waiting.delete(item);
    } else if (type !== "done") return; // the buttons are back already, and say so; that it was saved after all is news
    if (type === "refused") return this.show(item, { busy: false, text: detail }, { ref, again });
    // Where the wall is live the item itself says what was done to it; its buttons are dead until then.
    this.show(item, { busy: this.link.works, text: "Saved", done: true }, { ref });
    setTimeout(() => this.isPressed(item) || this.show(item, { busy: false, text: "", done: true }), SHOWN_MS);
  }

  isPressed(item) { return this.waiting.has(item); }
}
