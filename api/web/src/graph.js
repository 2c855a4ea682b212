// <div data-graph="WHERE">…</div>: draws the graph whose JSON is at that address, or in <script type="application/json">
// when WHERE is #ID. What the element holds stays below the drawing: it says the same without this script.
// data-layout="flow" lays paths out from their start to their end. The form of the JSON is told in parts/drawing.js.

/** @param {HTMLElement} place */
async function fill(place) {
  const where = place.dataset.graph ?? "";
  try {
    const [{ draw }, data] = await Promise.all([import("./parts/drawing.js"), read(where)]);
    draw(place, data, place.dataset.layout === "flow");
  } catch (fault) {
    console.warn(`the graph of ${where} cannot be drawn`, fault);
  }
}

/** @param {string} where */
async function read(where) {
  if (where.startsWith("#")) return JSON.parse(document.querySelector(where)?.textContent ?? "");
  const answer = await fetch(where, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`${answer.status} ${answer.statusText}`);
  return answer.json();
}

// The library is big: it is loaded when a drawing comes near what the reader sees.
const watch = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      watch.unobserve(target);
      fill(/** @type {HTMLElement} */ (target));
    }
  },
  { rootMargin: "300px" },
);

function start() {
  for (const place of document.querySelectorAll("[data-graph]:not([data-drawn])")) {
    /** @type {HTMLElement} */ (place).dataset.drawn = "";
    watch.observe(place);
  }
}

start();
document.addEventListener("htmx:after:swap", start);
