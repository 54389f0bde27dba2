// Paper: while a page is printed, each chart is a picture of the size that it has on the screen, scaled as a whole. Without a
// `viewBox` an SVG is not scaled but cut off; and while Chromium prints, plotly may lay a chart out anew, at another width.
const sized = (svg) => {
  const width = parseFloat(svg.getAttribute("width")), height = parseFloat(svg.getAttribute("height"));
  if (!width || !height) return;
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.parentElement.style.setProperty("--jorge-shape", `${width} / ${height}`);
  svg.closest("[class*=st-key-chart_]")?.style.setProperty("--jorge-up", `${-5200 / width}%`); // over the room of the title that a screen hides
};
const resized = new MutationObserver((changes) => changes.forEach(({ target }) => sized(target)));
let titled = "";
const onPaper = () => {
  for (const svg of document.querySelectorAll(".js-plotly-plot .main-svg")) {
    sized(svg);
    resized.observe(svg, { attributes: true, attributeFilter: ["width", "height"] });
  }
  const app = document.querySelector("[data-testid=stApp]");
  document.documentElement.classList.toggle("jorge-dark", !!app && getComputedStyle(app).colorScheme === "dark");
  const name = document.querySelector(".st-key-paper [data-testid=stText]")?.textContent;
  if (name) titled ||= document.title, document.title = name; // what the browser calls the file
};
const offPaper = () => {
  resized.disconnect();
  for (const svg of document.querySelectorAll(".js-plotly-plot .main-svg")) svg.removeAttribute("viewBox");
  document.documentElement.classList.remove("jorge-dark");
  if (titled) document.title = titled, titled = "";
};
// Once the menu that the button stands in has heard of the click, too.
const printPage = ({ target }) => { if (target.closest?.(".st-key-print button")) setTimeout(() => print()); };

const watchPrinting = () => {
  addEventListener("beforeprint", onPaper);
  addEventListener("afterprint", offPaper);
  document.addEventListener("click", printPage);
};
