// <… data-passages> holds a text and a list of its claims, linked both ways by the identifier of the claim:
//
//     <mark data-claims="ID ID" tabindex=0>words</mark>   a piece of the text, with all claims that cover it
//     <li data-claim="ID">…</li>                          a claim, anywhere in the container
//
// What is pointed at or focused gets the class "lit" with its counterparts; a click or the focus of the keyboard also
// brings the counterpart into view. The server has marked the text already, so nothing is lost without this script.

for (const area of document.querySelectorAll("[data-passages]")) {
  area.addEventListener("pointerover", (event) => light(area, event.target));
  area.addEventListener("pointerleave", () => light(area, null));
  area.addEventListener("focusin", (event) => show(area, event.target));
  area.addEventListener("click", (event) => show(area, event.target));
}

/**
 * The claims that an element or what holds it stands for.
 * @param {EventTarget | null} target
 */
function claimsOf(target) {
  const held = target instanceof Element ? target.closest("[data-claims], [data-claim]") : null;
  const names = held instanceof HTMLElement ? (held.dataset.claims ?? held.dataset.claim ?? "") : "";
  return { held, names: names.split(" ").filter(Boolean) };
}

/**
 * @param {Element} area
 * @param {EventTarget | null} target
 */
function light(area, target) {
  const pointed = claimsOf(target);
  // Where nothing is pointed at, what has the focus stays lit.
  const { held, names } = pointed.held ? pointed : claimsOf(area.contains(document.activeElement) ? document.activeElement : null);
  area.querySelectorAll(".lit").forEach((element) => element.classList.remove("lit"));
  const lit = names.flatMap((name) => {
    const quoted = CSS.escape(name);
    return [...area.querySelectorAll(`[data-claims~="${quoted}"], [data-claim="${quoted}"]`)];
  });
  lit.forEach((element) => element.classList.add("lit"));
  return lit.filter((element) => element !== held && element.tagName !== held?.tagName);
}

/**
 * @param {Element} area
 * @param {EventTarget | null} target
 */
function show(area, target) {
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  light(area, target)[0]?.scrollIntoView({ block: "nearest", behavior: still ? "auto" : "smooth" });
}
