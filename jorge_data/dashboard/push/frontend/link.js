// A tab's live connection: one socket, how long it has been silent by this machine's own clock, and HTTP where it fails.
const CONNECT_MS = [250, 500, 1000, 2000, 4000, 8000], ASK_MS = 4000, NEW_PAGE_MS = 3000, GIVEN_UP = 3;
const LOGGED_OUT = 4401; // the code with which the dashboard closes what is open of a login that has ended

// How long ago, by whichever clock saw more of it: one stands still while a laptop sleeps, the other may be set back.
const moment = () => ({ wall: Date.now(), steady: performance.now() });
const since = (then) => Math.max(0, Date.now() - then.wall, performance.now() - then.steady);

// Nobody is logged in here any more: nothing stays on the screen, and the page's own address leads to the login, which may
// refuse to stand in a frame of a wall screen that turns.
function leave() {
  document.documentElement.hidden = true;
  top.location.reload();
}

// The path of the first page: what stands in the address before this page's own.
function pathBefore(own) {
  const path = location.pathname.replace(/\/+$/, "");
  return own && path.endsWith(`/${own}`) ? path.slice(0, -own.length - 1) : path;
}

class Link {
  constructor(receive, changed) {
    Object.assign(this, { receive, changed, tries: 0, unreachable: 0, why: "", heard: moment(), begun: moment() });
  }

  // A rerun of the page brings a ticket for the first connection, and a key for all that come after it.
  use({ socket, path, ticket, key, tick_ms: [late, lost] }) {
    Object.assign(this, { ticket, key, late, lost, base: new URL(`${pathBefore(path)}/${socket}`, location.href) });
    clearTimeout(this.reload);
    if (!this.socket && !this.asking) this.connect();
  }

  get silence() { return since(this.heard); }
  get open() { return this.socket?.readyState === 1; }
  get isLost() { return this.tries > GIVEN_UP || this.silence >= this.lost; }
  get works() { return this.open && this.silence < this.late; }

  connect() {
    clearTimeout(this.retry);
    this.retry_ms = null;
    this.begun = moment();
    const url = new URL(this.base), ticket = this.ticket;
    url.protocol = url.protocol.replace("http", "ws");
    const socket = (this.socket = new WebSocket(url));
    let opened = false;
    this.ticket = null;
    socket.onopen = () => { opened = true; socket.send(JSON.stringify({ type: "join", ticket })); };
    socket.onmessage = ({ data }) => {
      if (socket !== this.socket) return;
      this.heard = moment();
      this.tries = 0;
      this.why = "";
      this.reachable(true);
      this.receive(JSON.parse(data));
    };
    socket.onclose = ({ code }) => {
      if (socket !== this.socket || this.closed) return;
      if (code === LOGGED_OUT) return this.drop();
      if (!opened) this.why ||= "something between this screen and the dashboard lets no live connection through";
      this.socket = null;
      this.later();
    };
  }

  // Begin anew, without waiting for a socket to end that may never hear of its end.
  drop() {
    const socket = this.socket;
    this.socket = null;
    socket?.close();
    this.again();
  }

  later() {
    const wait = CONNECT_MS[Math.min(this.tries++, CONNECT_MS.length - 1)] * (0.5 + Math.random());
    this.retry_ms = Date.now() + wait;
    clearTimeout(this.retry);
    this.retry = setTimeout(() => this.again(), wait);
    this.changed();
  }

  // A ticket lets in once: every further connection fetches its own, which also says why one is refused.
  async again() {
    clearTimeout(this.retry);
    if (this.asking || this.closed) return;
    this.retry_ms = null;
    this.asking = true;
    const { status, body } = await this.ask("live", {}, ASK_MS);
    this.asking = false;
    if (this.closed || this.socket) return;
    if (this.ticket || body?.ticket) { this.ticket ??= body.ticket; return this.connect(); }
    if (body?.error?.code === "session_ended") return leave();
    if (status === 401) return this.stranded();
    this.why = body?.error?.detail ?? "";
    this.later();
  }

  // The dashboard has started anew: Streamlit comes back with a new key, as a rule; what is being filled in stays then.
  stranded() {
    this.changed();
    this.reload ??= setTimeout(() => location.reload(), NEW_PAGE_MS);
  }

  // Post to a neighbour of the socket's address; the status is 0 where nobody answered.
  async ask(name, message, within) {
    try {
      const response = await fetch(new URL(name, this.base), {
        method: "POST", headers: { "Content-Type": "application/json" }, signal: AbortSignal.timeout(within), body: JSON.stringify({ ...message, key: this.key }),
      });
      const body = response.headers.get("Content-Type")?.startsWith("application/json") ? await response.json() : null;
      this.reachable(body !== null);
      return { status: response.status, body };
    } catch (error) {
      if (error.name !== "TimeoutError") this.reachable(false);
      return { status: 0, body: null };
    }
  }

  // Twice nobody at the dashboard's address, and it is not this device that is without a network: the dashboard is down.
  reachable(answered) {
    this.unreachable = answered ? 0 : this.unreachable + 1;
    const down = this.unreachable > 1 && navigator.onLine;
    if (down === this.down) return; // every message says that it is not
    this.down = down;
    dispatchEvent(new CustomEvent("jorge:down", { detail: down }));
  }

  // Called every second, and at once when somebody looks again: a hidden tab's timers stand still for a minute.
  watch(looked) {
    if (this.closed || !this.base) return;
    const stale = this.silence >= this.late && since(this.begun) >= this.late;
    if (looked && (stale || !this.socket)) this.tries = Math.min(this.tries, 1), this.drop();
    else if (stale && this.socket) this.drop();
  }

  retryNow() { this.drop(); }

  send(message) {
    if (this.open) this.socket.send(JSON.stringify(message));
    return this.works;
  }

  close() {
    this.closed = true;
    clearTimeout(this.retry);
    clearTimeout(this.reload);
    this.socket?.close();
  }
}
