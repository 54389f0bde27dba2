// Streamlit's component: one wall for as long as its root is there.
export default function (component) {
  const root = component.parentElement.querySelector(".wall");
  root.__wall ??= new Wall(root);
  root.__wall.update(component);
  dispatchEvent(new Event("jorge:mounted"));
  return () => { if (!root.isConnected) root.__wall.close(); };
}
