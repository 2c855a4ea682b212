// What a reader does with a drawing: point, press, walk with the arrow keys, zoom. Enter or a press opens the page.

/**
 * @param {import("cytoscape").Core} cy
 * @param {{canvas: HTMLElement, buttons: HTMLElement, told: HTMLElement, resting: string}} frame
 */
export function listen(cy, { canvas, buttons, told, resting }) {
  /** @type {import("cytoscape").SingularElementArgument | undefined} */
  let current;
  /** @param {import("cytoscape").SingularElementArgument} [element] */
  const tell = (element) => {
    cy.elements(".told").removeClass("told");
    element?.addClass("told");
    current = element;
    told.textContent = element ? describe(element) : resting;
    canvas.classList.toggle("drawing-opens", Boolean(element?.data("href")));
  };
  const step = (/** @type {number} */ by) => {
    const all = cy.elements().toArray();
    const at = current ? all.findIndex((one) => one.same(/** @type {any} */ (current))) : by > 0 ? -1 : 0;
    tell(/** @type {any} */ (all[(at + by + all.length) % all.length]));
  };
  cy.on("mouseover", "node, edge", (event) => tell(event.target));
  cy.on("mouseout", "node, edge", () => tell());
  cy.on("tap", "node, edge", (event) => open(event.target, event.originalEvent));
  const zoom = (/** @type {number} */ by) => () =>
    cy.zoom({ level: cy.zoom() * by, renderedPosition: { x: cy.width() / 2, y: cy.height() / 2 } });
  const fit = () => {
    cy.fit(undefined, 24);
    // Few nodes need not fill the whole place.
    if (cy.zoom() > 1.3) cy.zoom(1.3).center();
  };
  addButtons(buttons, [["+", "Zoom in", zoom(1.25)], ["−", "Zoom out", zoom(0.8)], ["⤢", "Show all", fit]]);
  /** @type {Record<string, () => void>} */
  const keys = {
    ArrowRight: () => step(1), ArrowDown: () => step(1), ArrowLeft: () => step(-1), ArrowUp: () => step(-1),
    Enter: () => current && open(current), Escape: () => tell(), "+": zoom(1.25), "-": zoom(0.8), 0: fit,
  };
  canvas.addEventListener("keydown", (event) => {
    if (!(event.key in keys) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    keys[event.key]();
  });
  canvas.addEventListener("pointerdown", () => canvas.focus({ preventScroll: true }));
  canvas.addEventListener("focus", () => cy.userZoomingEnabled(true));
  canvas.addEventListener("blur", () => cy.userZoomingEnabled(false));
  new ResizeObserver(() => {
    cy.resize();
    fit();
  }).observe(canvas);
}

/** @param {HTMLElement} bar @param {[string, string, () => void][]} made */
function addButtons(bar, made) {
  for (const [sign, words, act] of made) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = sign;
    button.title = button.ariaLabel = words;
    button.addEventListener("click", act);
    bar.append(button);
  }
}

/** @param {import("cytoscape").SingularElementArgument} element */
function describe(element) {
  const { label = "", kind, note, contested } = element.data();
  if (element.isNode()) return kind ? `${label} (${kind})` : label;
  const edge = /** @type {import("cytoscape").EdgeSingular} */ (element);
  const said = `${edge.source().data("label")} ${label} ${edge.target().data("label")}`;
  return said + (contested ? ", contested" : "") + (note ? `: ${note}` : "");
}

/**
 * @param {import("cytoscape").SingularElementArgument} element
 * @param {MouseEvent} [event]
 */
function open(element, event) {
  const href = element.data("href");
  // Only pages of this service: what a graph says must not lead to a script or elsewhere.
  if (!href || new URL(href, location.href).origin !== location.origin) return;
  if (event?.ctrlKey || event?.metaKey) window.open(href, "_blank", "noopener");
  else location.assign(href);
}
