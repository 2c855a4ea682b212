// <div data-sparql data-vocabulary="ADDRESS"> holds the plain form with its <textarea name="query">: the textarea becomes
// an editor with colours, checks and completion; the form stays what it was, so results, addresses and downloads do too.
// Completion knows {"prefixes": {"cg": "…"}, "classes": […], "properties": […], "relations": […]}, each item
// {"iri": "…", "label": "…"}, and nothing else: nobody else is asked.
//
// <div data-triples="ADDRESS" data-base="BASE">: draws the N-Triples at that address; what stands under BASE is linked.
export {};

const editor = /** @type {HTMLElement | null} */ (document.querySelector("[data-sparql]"));
const textarea = editor?.querySelector("textarea[name=query]");
if (editor && textarea instanceof HTMLTextAreaElement) {
  const { edit } = await import("./parts/editor.js");
  edit(textarea, await readVocabulary(editor.dataset.vocabulary));
}

for (const place of document.querySelectorAll("[data-triples]")) {
  if (place instanceof HTMLElement) await drawTriples(place);
}

/**
 * Without its vocabulary the editor still edits.
 * @param {string | undefined} address
 * @returns {Promise<import("./parts/editor.js").Vocabulary>}
 */
async function readVocabulary(address) {
  const answer = address ? await fetch(address, { headers: { Accept: "application/json" } }).catch(() => null) : null;
  return answer?.ok ? answer.json() : {};
}

/** @param {HTMLElement} place */
async function drawTriples(place) {
  const answer = await fetch(place.dataset.triples ?? "", { headers: { Accept: "application/n-triples" } });
  if (!answer.ok) return;
  const [{ draw }, { readTriples }] = await Promise.all([import("./parts/drawing.js"), import("./parts/triples.js")]);
  draw(place, readTriples(await answer.text(), place.dataset.base ?? ""));
}
