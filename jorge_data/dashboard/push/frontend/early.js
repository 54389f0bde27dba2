// Before Streamlit's files, its socket and the script are there: the same wall, painted from what the page itself carries.
const LONGEST_MS = 10000;

// What somebody chose of Streamlit's themes; else the machine's is taken.
function chosenTheme() {
  const name = Object.keys(localStorage).find((key) => key.startsWith("stActiveTheme-"));
  return (name && /light|dark/i.exec(localStorage.getItem(name))?.[0].toLowerCase()) || "";
}

function paintEarly(host) {
  const shadow = host.attachShadow({ mode: "closed" }); // nobody takes what is painted here for the wall that stays
  shadow.append(host.firstElementChild.content);
  const theme = chosenTheme();
  if (theme) host.classList.add(theme);
  const wall = new Wall(shadow.querySelector(".wall"));
  wall.link.connect = wall.link.again = () => {}; // who stays opens the socket, and hears the keys
  wall.list.close();
  wall.palette.leave();
  wall.update({ data: JSON.parse(document.getElementById("early-data").textContent), setTriggerValue: () => {} });
  host.classList.add("painted");
  const leave = () => { removeEventListener("jorge:mounted", leave); wall.close(); host.remove(); };
  addEventListener("jorge:mounted", leave);
  setTimeout(leave, LONGEST_MS); // where Streamlit does not come, it says so itself
}
paintEarly(document.getElementById("early"));
