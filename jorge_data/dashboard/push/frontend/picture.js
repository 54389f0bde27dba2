// A chart as a picture: it is drawn outside of the page, where the page's letters and its ground are not, so both are put into it.
const LETTERS = "Source Sans";
let letters = null;
const facesOf = (sheet) => { try { return [...sheet.cssRules].filter((rule) => rule instanceof CSSFontFaceRule).map(({ style }) => [style, sheet.href ?? location.href]); } catch { return []; } };
const dataOf = (blob) => new Promise((done, failed) => { const reader = new FileReader(); reader.onload = () => done(reader.result); reader.onerror = failed; reader.readAsDataURL(blob); });
const readLetters = async () => {
  const family = (style) => style.getPropertyValue("font-family").replaceAll(/["']/g, ""), isUpright = (style) => style.getPropertyValue("font-style") !== "italic";
  const [style, sheet] = [...document.styleSheets].flatMap(facesOf).find(([each]) => family(each) === LETTERS && isUpright(each));
  const file = await fetch(new URL(style.getPropertyValue("src").match(/url\(["']?([^"')]+)/)[1], sheet));
  return `<style>@font-face{font-family:'${LETTERS}';font-weight:100 900;src:url(${await dataOf(await file.blob())})}</style>`;
};
const serialize = XMLSerializer.prototype.serializeToString;
function serializeWithLetters(node) {
  if (!letters || !node.matches?.("svg.main-svg")) return serialize.call(this, node);
  const ground = getComputedStyle(document.querySelector('[class*="st-key-part_"]') ?? document.body).backgroundColor;
  Object.assign(node.querySelector(":scope > rect").style, { fill: ground, fillOpacity: 1 });
  return serialize.call(this, node).replace(/^<svg[^>]*>/, (opening) => opening + letters);
}
// The first picture of a page waits for the letters; without them there is one as well.
const onPicture = async (event) => {
  const camera = event.target.closest?.(".js-plotly-plot .modebar-btn");
  if (!camera || letters !== null) return;
  event.stopImmediatePropagation();
  letters = await readLetters().catch(() => "");
  camera.dispatchEvent(new MouseEvent("click", { bubbles: true }));
};
const watchPictures = () => {
  XMLSerializer.prototype.serializeToString = serializeWithLetters;
  document.addEventListener("click", onPicture, true);
};
