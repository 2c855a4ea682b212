// <button data-copy="#id">: copies the text of that element. Without a clipboard the text is selected, ready to be copied.

document.addEventListener("click", async (event) => {
  const button = /** @type {Element} */ (event.target).closest("button[data-copy]");
  if (!(button instanceof HTMLButtonElement)) return;
  const source = document.querySelector(button.dataset.copy ?? "");
  if (!source) return;
  try {
    await navigator.clipboard.writeText(readText(source));
    tell(button, "Copied");
  } catch {
    // No clipboard outside secure contexts, or none allowed.
    getSelection()?.selectAllChildren(source);
    tell(button, "Selected");
  }
});

/** @param {Element} source */
function readText(source) {
  const typed = source instanceof HTMLInputElement || source instanceof HTMLTextAreaElement;
  return (typed ? source.value : (source.textContent ?? "")).trim();
}

/**
 * Says for a moment on the button what happened; screen readers are told because it is a live region.
 * @param {HTMLButtonElement} button
 * @param {string} words
 */
function tell(button, words) {
  button.ariaLive = "polite";
  button.dataset.label ??= button.textContent ?? "";
  button.textContent = words;
  setTimeout(() => (button.textContent = button.dataset.label ?? ""), 1500);
}
