// A wall screen that turns its pages: each is a document of its own in a frame, and none is seen before it is drawn. Streamlit
// itself takes a page away before it has the next one.
const LOOK_MS = 100, STEADY_LOOKS = 5, AHEAD_MS = 4000, PATIENCE_MS = 30000;
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const painted = () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));

const isDrawn = (page) => {
  const app = page?.querySelector("[data-testid=stApp]"), all = (selector) => [...app.querySelectorAll(selector)];
  if (app?.dataset.testScriptState !== "notRunning" || all("[data-testid=stSkeleton], [data-testid=stSpinner]").length) return false;
  const isWall = all(".st-key-wall *").some(({ shadowRoot }) => shadowRoot?.querySelector(".wall:not(.on-page) .kpis")?.childElementCount);
  return (isWall || all('[class*="st-key-part_"]').length > 0) && all("[data-testid=stPlotlyChart]").every((chart) => chart.querySelector(".main-svg"));
};

// It stays as it is for a while: a page is drawn again once it has said how large the screen is.
const drawn = async (frame) => {
  const begun = performance.now();
  for (let looks = 0; looks < STEADY_LOOKS; await sleep(LOOK_MS)) {
    if (performance.now() - begun > PATIENCE_MS) return false;
    looks = isDrawn(frame.contentDocument) ? looks + 1 : 0;
  }
  return true;
};

const opened = (link) => {
  const frame = document.createElement("iframe");
  Object.assign(frame, { className: "jorge-turn", title: document.title, inert: true, src: new URL(link, globalThis.__streamlit.BACKEND_BASE_URL).href });
  document.body.append(frame);
  return frame;
};
const show = async (frame, last) => {
  frame.classList.add("shown");
  frame.inert = false;
  await painted();
  last?.remove();
};

let turns;
const turn = async () => {
  let shown = opened(turns.links[0]); // the first is seen as it comes: there is nothing else to see
  await show(shown);
  await drawn(shown);
  let due = performance.now() + turns.seconds * 1000;
  for (let at = 1; ; at++) {
    await sleep(due - performance.now() - AHEAD_MS);
    const next = opened(turns.links[at % turns.links.length]);
    if (!(await drawn(next))) { // the last one stays, and says itself what it does not know
      next.remove();
      leaveIfEnded();
      continue;
    }
    await sleep(due - performance.now());
    await show(next, shown);
    shown = next;
    document.title = next.contentDocument?.title ?? document.title;
    due = performance.now() + turns.seconds * 1000;
  }
};

export default function ({ data }) {
  const begins = !turns;
  turns = data;
  if (begins) turn();
}
