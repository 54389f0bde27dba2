// The wall sends the facts (`jorge:diagnostics`); this paints them and copies them for a bug report.
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
  if (panel.__stop) return panel.__stop;
  let facts = data.facts;
  const paint = () => {
    panel.querySelector("summary").replaceChildren(...facts.filter((fact) => fact[3]).map((fact) => pair(fact, "span", "b")));
    panel.querySelector("dl").replaceChildren(...facts.filter((fact) => !fact[3]).map((fact) => pair(fact, "dt", "dd")));
  };
  const onFacts = ({ detail }) => { facts = detail; paint(); };
  addEventListener("jorge:diagnostics", onFacts);
  panel.querySelector("button").onclick = async ({ currentTarget }) => {
    const text = [...facts.map(([label, value]) => `${label}: ${value}`), `Browser: ${navigator.userAgent}`].join("\n");
    await navigator.clipboard.writeText(text).then(() => { currentTarget.textContent = "Copied"; }, () => { currentTarget.textContent = "Not allowed by the browser"; });
  };
  paint();
  // Streamlit may call this at a rerun too: the panel that is still there goes on.
  return (panel.__stop = () => { if (!panel.isConnected) removeEventListener("jorge:diagnostics", onFacts); });
}
