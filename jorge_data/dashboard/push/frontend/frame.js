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

export default function () {
  document.addEventListener("click", leaveFilters, true);
  document.addEventListener("click", close);
}
