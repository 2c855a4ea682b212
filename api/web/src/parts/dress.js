// How nodes and edges look: shapes and tones of kinds, arrows of signs, colours from the variables of the page.

export const SHAPES = [
  { shape: "ellipse", glyph: "●" },
  { shape: "round-rectangle", glyph: "■" },
  { shape: "diamond", glyph: "◆" },
  { shape: "triangle", glyph: "▲" },
  { shape: "hexagon", glyph: "⬢" },
  { shape: "star", glyph: "★" },
  { shape: "pentagon", glyph: "⬟" },
  { shape: "barrel", glyph: "▮" },
  { shape: "rhomboid", glyph: "▰" },
  { shape: "vee", glyph: "▼" },
];

/** Kinds that are told apart: those beyond the shapes by their colours. */
const MOST_TONES = 60;

export const ARROWS = [
  { sign: 1, arrow: "triangle", glyph: "→", words: "raises", color: "--raise", plain: "#1a7f37" },
  { sign: -1, arrow: "tee", glyph: "⊣", words: "lowers", color: "--lower", plain: "#b35900" },
  { sign: 0, arrow: "circle", glyph: "—○", words: "no direction", color: "--none", plain: "#6e7781" },
];

/**
 * The style of a drawing in a place, in the colours that the page has there now.
 * @param {Element} place
 * @returns {import("cytoscape").StylesheetStyle[]}
 */
export function makeStyle(place) {
  const read = colorReader(place);
  const ink = read("--ink", "#1f2328");
  const paper = read("--paper", "#ffffff");
  const accent = read("--accent", "#0b5cad");
  const text = { color: ink, "font-family": getComputedStyle(place).fontFamily };
  const outline = { "text-background-color": paper, "text-background-opacity": 0.85, "text-background-padding": "2px" };
  const node = { label: "data(label)", width: 20, height: 20, "font-size": 12, "text-valign": "bottom", "text-margin-y": 4 };
  const wrap = { "text-wrap": "wrap", "text-max-width": "120px", "border-width": 1, "border-color": paper };
  const edge = { label: "data(label)", width: 2, "font-size": 10, "curve-style": "bezier", "text-rotation": "autorotate" };
  const grey = read("--none", "#6e7781");
  const plain = { "line-color": grey, "target-arrow-color": grey, "target-arrow-shape": "vee", "arrow-scale": 1.2 };
  return /** @type {import("cytoscape").StylesheetStyle[]} */ ([
    { selector: "node", style: { ...text, ...outline, ...node, ...wrap } },
    ...Array.from({ length: MOST_TONES }, (_, index) => ({
      selector: `node[tone = ${index}]`,
      style: { shape: SHAPES[index % SHAPES.length].shape, "background-color": tone(index, paper) },
    })),
    { selector: "node[?focus]", style: { width: 30, height: 30, "border-width": 3, "border-color": accent, "font-weight": "bold" } },
    { selector: "edge", style: { ...text, ...outline, ...edge, ...plain } },
    ...ARROWS.map(({ sign, arrow, color, plain }) => ({
      selector: `edge[sign = ${sign}]`,
      style: { "line-color": read(color, plain), "target-arrow-color": read(color, plain), "target-arrow-shape": arrow },
    })),
    // An edge over several columns goes round what stands between.
    { selector: "edge.long", style: { "curve-style": "unbundled-bezier", "control-point-distances": [-70] } },
    { selector: 'edge[standing = "assembled"]', style: { "line-style": "dotted" } },
    { selector: "edge[?contested]", style: { "line-style": "dashed" } },
    { selector: "edge.crowded", style: { label: "" } },
    { selector: "edge.told", style: { label: "data(label)", width: 4, "z-index": 9 } },
    { selector: "node.told", style: { "border-width": 4, "border-color": accent } },
  ]);
}

/**
 * Gives the signs of a legend the colours of the drawing.
 * @param {Element} figure
 */
export function paintLegend(figure) {
  const paper = colorReader(figure)("--paper", "#ffffff");
  for (const sign of figure.querySelectorAll(".drawing-glyph")) {
    if (!(sign instanceof HTMLElement)) continue;
    if (sign.dataset.tone) sign.style.color = tone(Number(sign.dataset.tone), paper);
    if (sign.dataset.color) sign.style.color = `var(${sign.dataset.color})`;
  }
}

/**
 * Reads colours in whatever notation the page writes them, as the numbers that a canvas takes.
 * @param {Element} place
 */
function colorReader(place) {
  const probe = document.createElement("span");
  const brush = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  return (/** @type {string} */ name, /** @type {string} */ plain) => {
    if (!brush) return plain;
    probe.style.color = `var(${name}, ${plain})`;
    place.append(probe);
    brush.fillStyle = getComputedStyle(probe).color;
    probe.remove();
    brush.fillRect(0, 0, 1, 1);
    return `rgb(${[...brush.getImageData(0, 0, 1, 1).data.slice(0, 3)].join(",")})`;
  };
}

/**
 * The tone of a kind: darker on light paper, lighter on dark.
 * @param {number} index
 * @param {string} paper
 */
function tone(index, paper) {
  const light = (paper.match(/\d+/g) ?? ["255"]).slice(0, 3).reduce((sum, part) => sum + Number(part), 0) > 382;
  // Steps of the golden angle keep neighbours far apart on the wheel.
  return `hsl(${Math.round((210 + 137.5 * index) % 360)}, 45%, ${light ? 42 : 68}%)`;
}
