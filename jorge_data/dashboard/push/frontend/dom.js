// What the wall is made of. Text from events goes into text nodes alone, never into markup.
const COUNT_MS = 300, NO_FRAME_MS = 100;
const reducedMotion = matchMedia("(prefers-reduced-motion: reduce)");

// How the office writes, told by Python (metrics/office_locale.py); times are in the viewer's own zone.
let numbers, clock, dated, hourMinute;
function writeIn({ tag, house }) {
  const time = { hour: house ? "2-digit" : "numeric", minute: "2-digit" }, day = { day: "numeric", month: "short" };
  const [short, long, month] = [new Intl.DateTimeFormat(house ? "en-GB" : tag, time), new Intl.DateTimeFormat(house ? "en-GB" : tag, { ...time, second: "2-digit" }), new Intl.DateTimeFormat(tag, house ? { month: "short" } : day)];
  numbers = new Intl.NumberFormat(tag);
  hourMinute = { format: (ms) => short.format(ms) };
  clock = { format: (ms) => long.format(ms) };
  dated = { format: (ms) => `${house ? `${new Date(ms).getDate()} ` : ""}${month.format(ms)}, ${short.format(ms)}` };
}

const el = (tag, cls = "", text = "") => Object.assign(document.createElement(tag), { className: cls, textContent: text });
const button = (text, act, cls = "") => Object.assign(el("button", cls, text), { type: "button", onclick: act });
const spans = (node, list) => node.replaceChildren(...list.map(([style, text]) =>
  style === "t" ? document.createTextNode(text) : el(style === "b" ? "b" : "span", style === "b" ? "" : style, text)));
const setText = (node, text) => { if (node.textContent !== text) node.textContent = text; };
const setClass = (node, names) => { if (node.className !== names) node.className = names; };

// At the next frame; but where no frame comes, as in a hidden or covered window, soon all the same.
function onNextFrame(paint) {
  let painted = false;
  const once = () => { if (!painted) painted = true, paint(); };
  requestAnimationFrame(once);
  setTimeout(once, NO_FRAME_MS);
}

// As `duration` of metrics/formatting.py: the largest unit, rounded; below ten of it with the next one.
function age(ms) {
  const s = Math.max(0, ms / 1000);
  for (const [size, name, below, part] of [[86400, "d", 3600, "h"], [3600, "h", 60, "m"], [60, "m", 1, "s"]]) {
    if (Math.round(s / below) * below < size) continue;
    const unit = Math.round(s / below) * below < 10 * size ? below : size, whole = Math.round(s / unit) * unit, rest = (whole % size) / below;
    return `${numbers.format(Math.floor(whole / size))} ${name}${rest ? ` ${rest} ${part}` : ""}`;
  }
  return `${Math.round(s)} s`;
}

// One node for each key: make only what is new, paint only what changed.
function keyed(parent, items, keyOf, make, paint) {
  const old = new Map([...parent.children].map((node) => [node.__key, node])), keys = new Set(items.map(keyOf));
  // What is gone goes first: to move what stays would take the focus from it.
  for (const [key, node] of old) if (!keys.has(key)) node.remove(), old.delete(key);
  let next = parent.firstChild;
  for (const item of items) {
    const key = keyOf(item), json = JSON.stringify(item), node = old.get(key) ?? make(item);
    old.delete(key);
    if (node.__json !== json) { node.__key = key; paint(node, item, node.__json === undefined); node.__json = json; }
    if (node === next) next = next.nextSibling; else parent.insertBefore(node, next);
  }
}

function countUp(node, text) {
  const number = /\d[\d,]*(\.\d+)?/, from = node.textContent.match(number), to = text.match(number);
  if (!from || !to || numbers.format(1234.5) !== "1,234.5" || reducedMotion.matches || document.hidden || node.textContent === text) return setText(node, text);
  const [a, b] = [from[0], to[0]].map((n) => Number(n.replaceAll(",", ""))), digits = to[1]?.length - 1 || 0, start = performance.now();
  const target = (node.__target = text);
  (function frame(now) {
    if (node.__target !== target) return;
    const share = Math.min(1, (now - start) / COUNT_MS);
    const shown = (a + (b - a) * share).toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
    setText(node, share === 1 ? text : text.replace(number, shown));
    if (share < 1) requestAnimationFrame(frame);
  })(start);
}

// Two soft notes; a browser lets them sound once somebody has clicked on the page.
function chime() {
  const context = new AudioContext(), loud = new GainNode(context, { gain: 0.08 });
  loud.connect(context.destination);
  [660, 880].forEach((frequency, i) => {
    const note = new OscillatorNode(context, { frequency });
    note.connect(loud);
    note.start(context.currentTime + i * 0.14);
    note.stop(context.currentTime + i * 0.14 + 0.12);
    note.onended = () => i && context.close();
  });
}

function spark() {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "spark");
  svg.setAttribute("viewBox", "0 0 120 26");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("aria-hidden", "true");
  svg.append(document.createElementNS(svg.namespaceURI, "polyline"));
  return svg;
}

function drawSpark(svg, values) {
  const top = Math.max(1, ...values), points = values.map((v, i) => `${(i * 120) / Math.max(1, values.length - 1)},${24 - (v / top) * 22}`).join(" ");
  svg.toggleAttribute("hidden", !values.some(Boolean));
  if (svg.firstChild.getAttribute("points") !== points) svg.firstChild.setAttribute("points", points);
}
