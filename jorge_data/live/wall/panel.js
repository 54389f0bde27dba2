// The wall brings the facts (`jorge:diagnostics`); this paints them and copies them for a bug report.
const pair = ([label, value, tone], outer, inner) => {
  const row = document.createElement("div"), name = document.createElement(outer), shown = document.createElement(inner);
  name.textContent = label;
  shown.textContent = value;
  shown.className = tone;
  row.append(name, shown);
  return row;
};

export default function ({ parentElement, data }) {
  const panel = parentElement.querySelector(".panel");
  if (panel.__paint) return;
  let facts = data.facts;
  panel.__paint = () => {
    panel.querySelector("summary").replaceChildren(...facts.filter((fact) => fact[3]).map((fact) => pair(fact, "span", "b")));
    panel.querySelector("dl").replaceChildren(...facts.filter((fact) => !fact[3]).map((fact) => pair(fact, "dt", "dd")));
  };
  addEventListener("jorge:diagnostics", ({ detail }) => { facts = detail; panel.__paint(); });
  panel.querySelector("button").onclick = async ({ currentTarget }) => {
    const text = [...facts.map(([label, value]) => `${label}: ${value}`), `Browser: ${navigator.userAgent}`].join("\n");
    await navigator.clipboard.writeText(text).then(() => { currentTarget.textContent = "Copied"; }, () => { currentTarget.textContent = "Not allowed by the browser"; });
  };
  panel.__paint();
}
