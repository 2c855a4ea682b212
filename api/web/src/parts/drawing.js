// Draws a graph:
//
//     {"nodes": [{"id", "label", "kind", "tone", "href", "focus"}],
//      "edges": [{"id", "source", "target", "label", "sign": 1 | -1 | 0, "note", "contested", "standing", "href"}]}
//
// A kind is told by shape and colour, chosen by its tone, a number that is the same in every drawing; kinds without one
// are numbered as they come. A sign is told by arrow and colour, contested edges are dashed, those of paths that are
// assembled from several sources dotted. Nothing moves by itself, and the same graph is laid out the same way each time.
import cytoscape from "cytoscape";
import fcose from "cytoscape-fcose";
import { ARROWS, SHAPES, makeStyle, paintLegend } from "./dress.js";
import { placeFlow } from "./flow.js";
import { listen } from "./hands.js";
import "./drawing.css";

/**
 * @typedef {{id: string, label: string, kind?: string, tone?: number, href?: string, focus?: boolean}} Node
 * @typedef {{id: string, source: string, target: string, label?: string, sign?: number, note?: string,
 *            contested?: boolean, standing?: string, href?: string}} Edge
 * @typedef {{nodes: Node[], edges: Edge[]}} Graph
 */

/** More than this is a tangle, not a picture. */
const MOST_NODES = 150;
const MOST_EDGES = 400;
/** The words of more edges than this stand in one another's way: each is told when it is pointed at, or from near. */
const MOST_WORDS = 12;

/** @type {any} Starts from where the nodes are. */
const SPRINGS = {
  name: "fcose",
  randomize: false,
  animate: false,
  quality: "proof",
  nodeDimensionsIncludeLabels: true,
  idealEdgeLength: () => 110,
  nodeRepulsion: () => 9000,
};

cytoscape.use(fcose);
// The library writes a style element, which the content policy forbids, unless something has its name already;
// the one rule in it stands in drawing.css.
document.head.append(Object.assign(document.createElement("meta"), { id: "__________cytoscape_stylesheet" }));

/**
 * Puts the drawing before whatever the place holds.
 * @param {HTMLElement} place
 * @param {Graph} whole
 * @param {boolean} flow whether it is paths, to be read from their start to their end
 */
export function draw(place, whole, flow = false) {
  const graph = bound(whole);
  if (!graph.nodes.length) return;
  const kinds = numberKinds(graph.nodes);
  const frame = makeFrame(graph, whole, kinds);
  place.prepend(frame.figure);
  const cy = cytoscape({
    container: frame.canvas,
    elements: [...spread(graph, kinds), ...graph.edges.map((edge) => ({ data: edge }))],
    style: makeStyle(place),
    layout: { name: "preset" },
    minZoom: 0.2,
    maxZoom: 3,
    // Scrolling past the drawing must not zoom it: hands.js turns this on while the drawing has the focus.
    userZoomingEnabled: false,
    autoungrabify: true,
    boxSelectionEnabled: false,
  });
  // Words too small or too many to be read are left out until the reader zooms or points.
  const least = graph.edges.length > MOST_WORDS ? 1.5 : 0.75;
  const thin = () => cy.edges().toggleClass("crowded", cy.zoom() < least);
  cy.on("zoom", thin);
  thin();
  if (flow) layFlow(cy, graph);
  else cy.layout(SPRINGS).run();
  listen(cy, frame);
  paintLegend(frame.figure);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    cy.style(makeStyle(place));
    paintLegend(frame.figure);
  });
}

/** @param {cytoscape.Core} cy @param {Graph} graph */
function layFlow(cy, graph) {
  const { place, isLong } = placeFlow(graph, cy.width() > 600);
  cy.nodes().positions((node) => place(node.id()));
  for (const edge of graph.edges) if (isLong(edge)) cy.getElementById(edge.id).addClass("long");
  // A chain is flat: no more height than it needs.
  const { w, h } = cy.elements().boundingBox();
  const canvas = /** @type {HTMLElement} */ (cy.container());
  canvas.style.height = `min(70vh, ${Math.round(h * Math.min(1.3, cy.width() / w)) + 64}px)`;
}

/**
 * The tone of each kind that occurs, by its name.
 * @param {Node[]} nodes
 */
function numberKinds(nodes) {
  const sorted = [...nodes].sort((one, other) => (one.kind ?? "").localeCompare(other.kind ?? ""));
  const kinds = new Map(sorted.map(({ kind, tone }) => [kind ?? "", tone]));
  return new Map([...kinds].map(([kind, tone], index) => [kind, tone ?? index]));
}

/** @param {Graph} graph @returns {Graph} */
function bound({ nodes, edges }) {
  const kept = nodes.slice(0, MOST_NODES);
  const names = new Set(kept.map((node) => node.id));
  const joined = edges.filter((edge) => names.has(edge.source) && names.has(edge.target));
  return { nodes: kept, edges: joined.slice(0, MOST_EDGES) };
}

/**
 * Nodes on a circle: the layout starts there rather than at random.
 * @param {Graph} graph
 * @param {Map<string, number>} kinds
 */
function spread({ nodes }, kinds) {
  const radius = 60 * Math.sqrt(nodes.length);
  return nodes.map((node, index) => {
    const angle = (2 * Math.PI * index) / nodes.length;
    const middle = node.focus ? 0 : radius;
    const position = { x: middle * Math.cos(angle), y: middle * Math.sin(angle) };
    return { data: { ...node, tone: kinds.get(node.kind ?? "") }, position };
  });
}

/**
 * The elements around the canvas: buttons, a line that tells what is pointed at, a legend of what occurs.
 * @param {Graph} graph
 * @param {Graph} whole
 * @param {Map<string, number>} kinds
 */
function makeFrame(graph, whole, kinds) {
  const figure = make("figure", "drawing");
  const canvas = make("div", "drawing-canvas");
  canvas.tabIndex = 0;
  canvas.role = "application";
  canvas.ariaLabel =
    `Graph of ${graph.nodes.length} nodes and ${graph.edges.length} edges. ` +
    "Arrow keys go from one to the next, Enter opens it, plus and minus zoom.";
  const buttons = make("div", "drawing-buttons");
  const told = make("p", "drawing-told");
  told.ariaLive = "polite";
  const left = whole.nodes.length - graph.nodes.length + (whole.edges.length - graph.edges.length);
  const resting = left ? `${left} nodes and edges are left out.` : "";
  told.textContent = resting;
  figure.append(buttons, canvas, told, makeLegend(graph, kinds));
  return { figure, canvas, buttons, told, resting };
}

/** @param {Graph} graph @param {Map<string, number>} kinds */
function makeLegend({ edges }, kinds) {
  const shapes = [...kinds].map(([kind, tone]) => ({ glyph: SHAPES[tone % SHAPES.length].glyph, words: kind, tone: `${tone}` }));
  const arrows = ARROWS.filter(({ sign }) => edges.some((edge) => edge.sign === sign));
  const lines = [
    { glyph: "╌╌", words: "contested", there: edges.some((edge) => edge.contested) },
    { glyph: "┈┈", words: "assembled from several sources", there: edges.some((edge) => edge.standing === "assembled") },
  ];
  const items = [...shapes, ...arrows, ...lines.filter((line) => line.there)].filter((item) => item.words);
  const legend = make("ul", "drawing-legend");
  for (const { glyph, words, ...dress } of items) {
    const item = make("li");
    const sign = make("span", "drawing-glyph");
    sign.ariaHidden = "true";
    sign.textContent = glyph;
    if ("tone" in dress) sign.dataset.tone = dress.tone;
    if ("color" in dress) sign.dataset.color = dress.color;
    item.append(sign, ` ${words}`);
    legend.append(item);
  }
  return legend;
}

/** @param {string} tag */
function make(tag, name = "") {
  const element = document.createElement(tag);
  if (name) element.className = name;
  return element;
}
