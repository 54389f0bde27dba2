// What a link holds stands behind its `#`, which no browser sends to a server: from there into the form, and out of the address.
const field = document.querySelector("input[name=invitation]");
if (location.hash.length > 1) {
  field.value = location.hash.slice(1);
  history.replaceState(null, "", location.pathname);
}
