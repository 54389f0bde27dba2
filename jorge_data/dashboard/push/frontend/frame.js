// The page list: on a phone it lies over the page, and closes once a page is chosen there. Added twice, each is added once.
const PHONE = matchMedia("(max-width: 767.98px)");
const isListed = (target) => target.closest?.(".st-key-navigation a");
const close = ({ target }) => {
  if (PHONE.matches && isListed(target)) document.querySelector("[data-testid=stSidebarCollapseButton] button")?.click();
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
// Shift+Space. Its cursor says whether the mouse is over a cell, or over a heading, a box or an edge, which have acts of their own.
const GRID = "canvas[data-testid=data-grid-canvas]";
const gridOf = (target) => target.closest?.('[class*="st-key-choose_"] .stDataFrame, [class*="st-key-rows_"] .stDataFrame')?.querySelector(GRID);
const chooseRow = (grid) => grid.dispatchEvent(new KeyboardEvent("keydown", { key: " ", code: "Space", shiftKey: true, bubbles: true, cancelable: true }));
let pressed = null;
const onPressed = (event) => { pressed = gridOf(event.target) && { x: event.clientX, y: event.clientY }; };
const onRowClick = (event) => {
  const grid = gridOf(event.target), dragged = !pressed || Math.abs(event.clientX - pressed.x) + Math.abs(event.clientY - pressed.y) > 4;
  if (grid && !dragged && grid.style.cursor === "default") chooseRow(grid);
};
const onRowEnter = (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.ctrlKey || event.metaKey || !event.target.matches?.(GRID)) return;
  const grid = gridOf(event.target);
  if (grid) event.preventDefault(), event.stopPropagation(), chooseRow(grid);
};

// While the dashboard is down, one sentence over the page: for the wall that nobody answers (`jorge:down`), and in the place of
// Streamlit's own, which asks a realtor whether she is connected to the internet. The page comes back by itself.
const RESTARTING = ["This office’s screen is being restarted.", "It comes back by itself. If that takes longer than a few minutes, tell whoever looks after this computer."];
const overlay = Object.assign(document.createElement("div"), { className: "jorge-down", role: "alert" });
overlay.dataset.reactAriaTopLayer = "true"; // else a dialog of Streamlit's hides it from screen readers
overlay.append(...RESTARTING.map((text, i) => Object.assign(document.createElement(i ? "p" : "strong"), { textContent: text })));
let down = false;
const theirs = () => [...document.querySelectorAll("[data-testid=stDialog]")].filter((dialog) => dialog.querySelector("h2")?.textContent === "Connection error");
// Whose login has ended while this page holds no link that would notice: its own address leads to the login.
const leaveIfEnded = () => fetch(location.href, { headers: { Accept: "application/json" }, redirect: "manual" })
  .then(({ status }) => { if (status === 401) document.documentElement.hidden = true, location.reload(); }, () => {});
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

export default function ({ setTriggerValue }) {
  choosePeriod = (span) => setTriggerValue("zoom", span);
  document.addEventListener("pointerdown", hear, true);
  history.pushState = pushOnce;
  addEventListener("jorge:needs", onNeeds);
  addEventListener("jorge:down", onDown);
  watcher.observe(document.body, { childList: true });
  document.addEventListener("click", leaveFilters, true);
  document.addEventListener("click", close);
  watchPrinting();
  document.addEventListener("pointerdown", onPressed, true);
  document.addEventListener("click", onRowClick);
  document.addEventListener("keydown", onRowEnter, true);
  document.addEventListener("touchstart", leaveToThePage, { capture: true, passive: true });
}
