// The editor of queries around a textarea, which keeps the text for the form.
import Yasqe from "@zazuko/yasqe";
import "@zazuko/yasqe/build/yasqe.min.css";
import "./editor.css";

/**
 * @typedef {{iri: string, label?: string}} Term
 * @typedef {{prefixes?: Record<string, string>, classes?: Term[], properties?: Term[], relations?: Term[]}} Vocabulary
 */

/**
 * @param {HTMLTextAreaElement} textarea
 * @param {Vocabulary} vocabulary
 */
export function edit(textarea, vocabulary) {
  const place = document.createElement("div");
  place.className = "editor";
  textarea.after(place);
  const keys = /** @type {object} */ (Yasqe.defaults.extraKeys);
  const send = () => textarea.form?.requestSubmit();
  /** @type {any} The library's types leave out what it takes from CodeMirror. */
  const settings = {
    value: textarea.value,
    autocompleters: addCompleters(vocabulary),
    // Nothing is kept in the browser, taken from the address or sent by the editor itself: the form does that.
    persistenceId: null,
    consumeShareLink: null,
    createShareableLink: null,
    showQueryButton: false,
    editorHeight: "20rem",
    screenReaderLabel: textarea.labels?.[0]?.textContent?.trim() || "Query",
    // Tab leaves the editor, as anywhere on a page.
    extraKeys: { ...keys, Tab: false, "Shift-Tab": false, "Ctrl-Enter": send, "Cmd-Enter": send, "Ctrl-S": false },
  };
  const wasFocused = document.activeElement === textarea;
  const yasqe = new Yasqe(place, settings);
  textarea.hidden = true;
  // Who began to type before the editor came goes on in it.
  if (wasFocused) yasqe.focus();
  const keep = () => (textarea.value = yasqe.getValue());
  yasqe.on("change", () => {
    declare(yasqe, vocabulary.prefixes ?? {});
    keep();
  });
  textarea.form?.addEventListener("submit", keep);
  textarea.form?.addEventListener("reset", () => setTimeout(() => yasqe.setValue(textarea.value)));
}

/**
 * Declares the prefix that was just typed, if the vocabulary knows it and the query does not.
 * @param {any} yasqe
 * @param {Record<string, string>} prefixes
 */
function declare(yasqe, prefixes) {
  const [, name = ""] = yasqe.getTokenAt(yasqe.getCursor()).string.match(/^([\w-]+):/) ?? [];
  if (!(name in prefixes) || new RegExp(`PREFIX\\s+${name}:`, "i").test(yasqe.getValue())) return;
  yasqe.addPrefixes({ [name]: prefixes[name] });
}

/**
 * Makes completers of the vocabulary out of those of the editor, which would ask a service elsewhere.
 * @param {Vocabulary} vocabulary
 */
function addCompleters({ prefixes = {}, classes = [], properties = [], relations = [] }) {
  const lines = Object.entries(prefixes).map(([name, iri]) => `${name}: <${iri}>`).sort();
  const offer = (/** @type {Term[]} */ terms) => ({
    bulk: false,
    persistenceId: null,
    autoShow: true,
    get: (/** @type {any} */ _, /** @type {any} */ token) => find(terms, token?.autocompletionString ?? ""),
    postProcessSuggestion: (/** @type {Yasqe} */ yasqe, /** @type {any} */ _, /** @type {string} */ iri) =>
      shorten(iri, yasqe.getPrefixesFromQuery()),
  });
  Yasqe.forkAutocompleter("class", { name: "our-class", ...offer(classes) });
  Yasqe.forkAutocompleter("property", { name: "our-property", ...offer([...properties, ...relations]) });
  Yasqe.forkAutocompleter("prefixes", { name: "our-prefixes", get: () => lines, persistenceId: null, onInitialize() {} });
  return ["variables", "our-prefixes", "our-class", "our-property"];
}

/**
 * Terms whose IRI begins with what was typed, or whose local name or label holds it.
 * @param {Term[]} terms
 * @param {string} typed
 */
function find(terms, typed) {
  const words = typed.toLowerCase();
  const local = (/** @type {Term} */ term) => term.iri.replace(/^.*[#/]/, "").toLowerCase();
  const found = terms.filter(
    (term) => term.iri.startsWith(typed) || local(term).includes(words) || term.label?.toLowerCase().includes(words),
  );
  return found.map((term) => term.iri).sort().slice(0, 100);
}

/**
 * @param {string} iri
 * @param {Record<string, string>} prefixes
 */
function shorten(iri, prefixes) {
  for (const [name, start] of Object.entries(prefixes)) {
    const rest = iri.slice(start.length);
    if (iri.startsWith(start) && /^[\w-]+$/.test(rest)) return `${name}:${rest}`;
  }
  return `<${iri}>`;
}
