// The page list: on a phone it lies over the page, and closes once a page is chosen there. Added twice, each is added once.
const PHONE = matchMedia("(max-width: 767.98px)");
const isListed = (target) => target.closest?.(".st-key-navigation a");
const close = ({ target }) => {
  if (PHONE.matches && isListed(target)) document.querySelector("[data-testid=stSidebarCollapseButton] button")?.click();
};
// On a phone the button of the folded page list lies over the page, which scrolls beneath it: it leaves with the page, and
// comes back on a ground of its own as soon as somebody scrolls up.
let scrolledTo = 0;
const onScroll = ({ target }) => {
  if (target.dataset?.testid !== "stMain") return;
  const { scrollTop } = target, { classList } = document.documentElement;
  classList.toggle("jorge-scrolled", scrollTop > 8);
  classList.toggle("jorge-scrolls-down", scrollTop > 8 && scrollTop > scrolledTo);
  scrolledTo = scrollTop;
};
// Streamlit would take the filters of the page that is left along, and drop them by a step of its own on the way back: it
// reads them from the address, which is without them while it reads.
const leaveFilters = ({ target }) => {
  if (!isListed(target)) return;
  const { href, pathname } = location;
  history.replaceState(history.state, "", pathname);
  setTimeout(() => history.replaceState(history.state, "", href));
};

// Streamlit opens another page in two steps of the history, of which the first is the page that is left with the rows or the
// contact of the one that comes: it is one step, and Back leads to the page as it was.
const pushState = history.pushState.bind(history);
const pushOnce = (state, title, url) => {
  const next = new URL(url ?? location.href, location.href), isHalf = next.pathname !== location.pathname && next.search === location.search;
  (isHalf && /[?&](contact|drill)=/.test(next.search) ? history.replaceState.bind(history) : pushState)(state, title, url);
};

// A finger on a chart scrolls the page and a tap is a click: plotly would take every touch for the beginning of a drag.
const leaveToThePage = (event) => { if (event.target.closest?.(".js-plotly-plot")) event.stopImmediatePropagation(); };

// How many need somebody, beside the first page's name in the list and before the window's own: the wall says it, and says it
// again, for Streamlit writes both as it likes.
const onNeeds = ({ detail: count }) => {
  const shown = count ? String(count) : "", link = document.querySelector(".st-key-navigation a"), title = document.title.replace(/^\(\d+\) /, "");
  if (link && (link.dataset.count ?? "") !== shown) shown ? (link.dataset.count = shown) : delete link.dataset.count;
  if (document.title !== (count ? `(${count}) ${title}` : title)) document.title = count ? `(${count}) ${title}` : title;
};

// A click on a row chooses it, and so does Enter where the keyboard stands: the grid chooses a row by its box alone, or by
// Shift+Space. So a click becomes one on the box of that row. Where the row is, is reckoned from the grid's size: its cursor
// and its own choice of a cell follow the mouse too late for a quick hand, and not at all for a finger.
const GRID = "canvas[data-testid=data-grid-canvas]", BOX_X = 18;
const gridOf = (target) => target.closest?.('[class*="st-key-choose_"] .stDataFrame')?.querySelector(GRID);
const rowAt = (grid, clientY) => {
  const scroller = grid.closest(".stDataFrame").querySelector(".dvn-scroller"), lines = Number(grid.querySelector("table")?.getAttribute("aria-rowcount"));
  const height = scroller.querySelector(".dvn-scroll-inner").offsetHeight / lines, y = clientY - grid.getBoundingClientRect().top;
  const row = Math.floor((y + scroller.scrollTop) / height) - 1;
  return !(y >= height) || row >= lines - 1 ? null : { row, middle: (row + 1.5) * height - scroller.scrollTop, scroller };
};
let pressed = null;
const onPressed = (event) => { if (event.isTrusted) pressed = gridOf(event.target) && { x: event.clientX, y: event.clientY }; };
const onRowClick = (event) => {
  const grid = gridOf(event.target), dragged = !pressed || Math.abs(event.clientX - pressed.x) + Math.abs(event.clientY - pressed.y) > 4;
  if (!grid || dragged || event.button) return;
  const { left, top } = grid.getBoundingClientRect(), at = rowAt(grid, event.clientY);
  if (!at || event.clientX - left < 2 * BOX_X) return; // on the box itself
  const on = { clientX: left + BOX_X, clientY: top + at.middle, bubbles: true, cancelable: true, composed: true };
  for (const act of ["pointerdown", "pointerup"]) grid.dispatchEvent(new PointerEvent(act, on));
};
const onRowEnter = (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.ctrlKey || event.metaKey) return;
  const grid = event.target.closest?.(GRID); // or in it: a cell that a screen reader reads has the focus
  if (!grid || gridOf(grid) !== grid) return;
  event.preventDefault(), event.stopPropagation();
  grid.dispatchEvent(new KeyboardEvent("keydown", { key: " ", code: "Space", shiftKey: true, bubbles: true, cancelable: true }));
};

// A typed day counts once its field is left, which neither Enter nor the Tab behind its last part does: a press beside it does.
// The keyboard stays at the field, or goes on to what follows it.
const onDayTyped = (event) => {
  const { key, shiftKey, target } = event, day = target.closest?.("[data-testid=stDateInput]"), body = day?.closest("[data-testid=stPopoverBody]");
  if (!body || target.role !== "spinbutton" || shiftKey) return;
  const isLast = [...day.querySelectorAll("[role=spinbutton]")].at(-1) === target;
  if (key !== "Enter" && !(key === "Tab" && isLast)) return;
  event.preventDefault(), event.stopPropagation();
  body.dispatchEvent(new PointerEvent("pointerdown", { bubbles: true }));
  const places = [...body.querySelectorAll("input, button, [role=spinbutton]")], after = places.findLastIndex((place) => day.contains(place)) + 1;
  day.tabIndex = -1;
  (key === "Tab" && places[after] || day).focus();
};

// A grid that the mouse has left hears no arrow key: whose keyboard comes to it afterwards is told it as a mouse that came.
const onGridFocus = ({ target, isTrusted }) => {
  if (!isTrusted || !target.matches?.(GRID) || !gridOf(target)) return;
  const { left, top } = target.getBoundingClientRect();
  target.dispatchEvent(new PointerEvent("pointermove", { clientX: left + 2 * BOX_X, clientY: top + 2 * BOX_X, bubbles: true }));
  setTimeout(() => target.dispatchEvent(new FocusEvent("focusin", { bubbles: true })));
};

// While the dashboard is down, one sentence over the page: for the wall that nobody answers (`jorge:down`), and in the place of
// Streamlit's own, which asks a realtor whether she is connected to the internet. The page comes back by itself.
const RESTARTING = ["This office’s screen is being restarted.", "It comes back by itself. If that takes longer than a few minutes, tell whoever looks after this computer."];
const overlay = Object.assign(document.createElement("div"), { className: "jorge-down", role: "alert" });
overlay.dataset.reactAriaTopLayer = "true"; // else a dialog of Streamlit's hides it from screen readers
overlay.append(...RESTARTING.map((text, i) => Object.assign(document.createElement(i ? "p" : "strong"), { textContent: text })));
let down = false;
const theirs = () => [...document.querySelectorAll("[data-testid=stDialog]")].filter((dialog) => dialog.querySelector("h2")?.textContent === "Connection error");
let known = 0;
const cover = () => {
  const dialogs = theirs(), covered = down || dialogs.length > 0;
  if (dialogs.length > known) leaveIfEnded();
  known = dialogs.length;
  for (const dialog of dialogs) dialog.style.visibility = "hidden";
  overlay.style.colorScheme = getComputedStyle(document.querySelector("[data-testid=stApp]") ?? document.body).colorScheme;
  if (covered !== overlay.isConnected) covered ? document.body.append(overlay) : overlay.remove();
};
const onDown = ({ detail }) => { down = detail; cover(); };
const watcher = new MutationObserver(cover);

// A wall screen says how large it is: its charts are drawn at that size, and their type with it.
let tellScreen = () => {};
const onResize = () => { if (new URLSearchParams(location.search).get("kiosk") === "1") tellScreen([innerWidth, innerHeight]); };

// What the other pages draw with, fetched and made ready while nobody waits: plotly alone takes a second of the first click
// on a page. One after the other, and not for whoever spares his data.
let ahead;
const loadAhead = async (names) => {
  const own = document.querySelector('script[type="module"][src*="/static/js/index."]')?.src;
  for (const name of own && !navigator.connection?.saveData ? names : []) {
    await new Promise(globalThis.requestIdleCallback ?? setTimeout);
    await import(new URL(name, own).href).catch(() => {}); // the page asks for it again where it needs it
  }
};

export default function ({ data, setTriggerValue, setStateValue }) {
  ahead ??= loadAhead(data.ahead);
  tellScreen = (size) => setStateValue("screen", size);
  onResize();
  addEventListener("resize", onResize);
  choosePeriod = (span) => setTriggerValue("zoom", span);
  chooseMoment = (moment) => setTriggerValue("mark", moment);
  document.addEventListener("pointerdown", hear, true);
  history.pushState = pushOnce;
  addEventListener("jorge:needs", onNeeds);
  addEventListener("jorge:down", onDown);
  watcher.observe(document.body, { childList: true });
  document.addEventListener("click", onEmptyPlace);
  document.addEventListener("click", leaveFilters, true);
  document.addEventListener("scroll", onScroll, { capture: true, passive: true });
  document.addEventListener("click", close);
  watchPrinting();
  watchPictures();
  document.addEventListener("pointerdown", onPressed, true);
  document.addEventListener("click", onRowClick);
  document.addEventListener("keydown", onRowEnter, true);
  document.addEventListener("keydown", onDayTyped, true);
  document.addEventListener("focusin", onGridFocus, true);
  document.addEventListener("touchstart", leaveToThePage, { capture: true, passive: true });
}
