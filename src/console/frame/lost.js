// While the server does not answer, nothing in a view can be sent. What is shown stays readable.

// disableWhile(true, root) disables the buttons in `root`, except those that need no server; disableWhile(false, root) restores them.
export function disableWhile(lost, root) {
  root.dataset.lost = String(lost);
  for (const button of root.querySelectorAll("button")) {
    const local = button.matches("[role=tab], [data-local]");
    if (lost && !local && !button.disabled) {
      button.disabled = true;
      button.dataset.lost = "";
    } else if (!lost && "lost" in button.dataset) {
      button.disabled = false;
      delete button.dataset.lost;
    }
  }
}
