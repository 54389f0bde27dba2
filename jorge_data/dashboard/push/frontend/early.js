// Before Streamlit's files, its socket and the script are there: the same wall, painted from what the page itself carries.
const LONGEST_MS = 10000;

// What somebody chose of Streamlit's themes, as it keeps that itself, by the path that was opened; else the machine's is taken.
function chosenTheme() {
  try { return { Light: "light", Dark: "dark" }[JSON.parse(localStorage.getItem(`stActiveTheme-${location.pathname}-v2`))] ?? ""; } catch { return ""; } // a browser may refuse to keep anything
}

// What the page carries, which does not stay in it: there are names in it.
function takeData() {
  const node = document.getElementById("early-data");
  node.remove();
  return JSON.parse(node.textContent);
}

function paintEarly(host, data) {
  const shadow = host.attachShadow({ mode: "closed" }); // nobody takes what is painted here for the wall that stays
  shadow.append(host.firstElementChild.content);
  const theme = chosenTheme();
  if (theme) host.classList.add(theme);
  const wall = new Wall(shadow.querySelector(".wall"));
  wall.link.connect = wall.link.again = () => {}; // who stays opens the socket, and hears the keys
  wall.list.close();
  wall.palette.leave();
  wall.update({ data, setTriggerValue: () => {} });
  host.classList.add("painted");
  const leave = () => { removeEventListener("jorge:mounted", leave); wall.close(); host.remove(); };
  addEventListener("jorge:mounted", leave);
  setTimeout(leave, LONGEST_MS); // where Streamlit does not come, it says so itself
}
paintEarly(document.getElementById("early"), takeData());
