// Lays paths out in columns, from where they start to where they end: each node stands after all that lead to it.

/**
 * @param {import("./drawing.js").Graph} graph
 * @param {boolean} across whether columns go from left to right, or rows from top to bottom
 */
export function placeFlow({ nodes, edges }, across) {
  const forward = dropReturns(nodes.map((node) => node.id), edges);
  const levels = measureLevels(forward);
  /** @type {Map<number, string[]>} */
  const columns = new Map();
  for (const [id, level] of levels) columns.set(level, [...(columns.get(level) ?? []), id]);
  /** @type {Map<string, number>} */
  const rows = new Map();
  for (const level of [...columns.keys()].sort((a, b) => a - b)) {
    const column = columns.get(level) ?? [];
    // Those whose forerunners stand high stand high themselves, so that few edges cross.
    const heights = new Map(column.map((id) => [id, average((forward.get(id) ?? []).map((from) => rows.get(from) ?? 0))]));
    column.sort((a, b) => (heights.get(a) ?? 0) - (heights.get(b) ?? 0));
    column.forEach((id, index) => rows.set(id, index - (column.length - 1) / 2));
  }
  const [step, gap] = across ? [200, 90] : [120, 140];
  const place = (/** @type {string} */ id) => {
    const [along, beside] = [(levels.get(id) ?? 0) * step, (rows.get(id) ?? 0) * gap];
    return across ? { x: along, y: beside } : { x: beside, y: along };
  };
  const isLong = (/** @type {import("./drawing.js").Edge} */ edge) =>
    Math.abs((levels.get(edge.target) ?? 0) - (levels.get(edge.source) ?? 0)) > 1;
  return { place, isLong };
}

/**
 * For each node those that lead to it, without the edges that would close a circle.
 * @param {string[]} ids
 * @param {import("./drawing.js").Edge[]} edges
 */
function dropReturns(ids, edges) {
  /** @type {Map<string, string[]>} */
  const forward = new Map(ids.map((id) => [id, []]));
  const entered = new Set(edges.map((edge) => edge.target));
  const [open, done] = [new Set(), new Set()];
  const visit = (/** @type {string} */ id) => {
    if (done.has(id)) return;
    open.add(id);
    for (const { source, target } of edges) {
      if (source !== id || open.has(target)) continue;
      forward.get(target)?.push(id);
      visit(target);
    }
    open.delete(id);
    done.add(id);
  };
  ids.filter((id) => !entered.has(id)).forEach(visit);
  ids.forEach(visit);
  return forward;
}

/** @param {Map<string, string[]>} forward */
function measureLevels(forward) {
  /** @type {Map<string, number>} */
  const levels = new Map();
  const measure = (/** @type {string} */ id) => {
    if (!levels.has(id)) levels.set(id, Math.max(-1, ...(forward.get(id) ?? []).map(measure)) + 1);
    return /** @type {number} */ (levels.get(id));
  };
  [...forward.keys()].forEach(measure);
  return levels;
}

/** @param {number[]} numbers */
function average(numbers) {
  return numbers.length ? numbers.reduce((sum, number) => sum + number, 0) / numbers.length : 0;
}
