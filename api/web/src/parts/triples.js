// Reads N-Triples as a graph to draw: a triple between two resources is an edge; labels name their subjects.

const TRIPLE = /^(<[^>]*>|_:\S+) <([^>]*)> (<[^>]*>|_:\S+|".*"\S*) \.$/;
const LABELS = /(?:rdf-schema#label|skos\/core#prefLabel|dc\/terms\/title|claimgraph\/vocab#statement)$/;

/**
 * @param {string} text
 * @param {string} base what IRIs begin with that this service answers for at the same path
 * @returns {import("./drawing.js").Graph}
 */
export function readTriples(text, base) {
  /** @type {Map<string, import("./drawing.js").Node>} */
  const nodes = new Map();
  /** @type {import("./drawing.js").Edge[]} */
  const edges = [];
  /** @type {Map<string, string>} */
  const labels = new Map();
  const add = (/** @type {string} */ term) => {
    const iri = term.replace(/^<|>$/g, "");
    const href = base && iri.startsWith(base) ? `/${iri.slice(base.length)}` : undefined;
    if (!nodes.has(iri)) nodes.set(iri, { id: iri, label: shorten(iri), href });
    return iri;
  };
  for (const line of text.split("\n")) {
    const [, subject, predicate, object] = line.match(TRIPLE) ?? [];
    if (!subject) continue;
    if (!object.startsWith('"')) {
      edges.push({ id: `edge-${edges.length}`, source: add(subject), target: add(object), label: shorten(predicate) });
    } else if (LABELS.test(predicate)) {
      labels.set(subject.replace(/^<|>$/g, ""), readLiteral(object));
    }
  }
  for (const node of nodes.values()) node.label = labels.get(node.id) ?? node.label;
  return { nodes: [...nodes.values()], edges };
}

/** @param {string} iri */
function shorten(iri) {
  return decodeURI(iri.match(/[^#/]+[#/]?$/)?.[0] ?? iri).slice(0, 40);
}

/** @param {string} literal */
function readLiteral(literal) {
  const quoted = literal.slice(0, literal.lastIndexOf('"') + 1).replace(/\\U([0-9A-Fa-f]{8})/g, (_, code) =>
    JSON.stringify(String.fromCodePoint(parseInt(code, 16))).slice(1, -1),
  );
  const text = /** @type {string} */ (JSON.parse(quoted.replaceAll("\\'", "'")));
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
