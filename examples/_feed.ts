/**
 * A feed on a page of an example, a list with the newest item on top, and the
 * controls beside it.
 *
 * @module
 */

/** Rules for the feed and its controls. */
export const FEED_STYLE = `
  body { max-width: 46rem; }
  header + p { max-width: none; }
  button, input, select {
    font: inherit; color: inherit; background: var(--page); border: 1px solid var(--line);
    border-radius: .5rem; padding: .45rem .8rem;
  }
  button { cursor: pointer; font-weight: 600; color: var(--blue); }
  button:disabled { cursor: default; opacity: .5; }
  :is(button, input, select):focus-visible { outline: 2px solid var(--blue); outline-offset: 1px; }
  ol { margin: 0; padding: 0; list-style: none; }
  li {
    display: grid; grid-template-columns: 6rem 1fr auto; gap: .1rem 1rem;
    padding: .6rem 1.25rem; overflow-wrap: anywhere;
  }
  li + li { border-top: 1px solid var(--line); }
  li.seam { display: block; }
  ol:empty::after {
    content: attr(data-empty); display: block; padding: .9rem 1.25rem; color: var(--soft);
  }
`;

/**
 * Adds to the script of a page `addItem(…parts)`, whose parts are texts or elements,
 * and `addSeam(text)`, for what stands between items.
 */
export const FEED_SCRIPT = `
  const [feed] = document.getElementsByTagName("ol");

  function addItem(...parts) {
    const item = document.createElement("li");
    item.append(...parts);
    feed.prepend(item);
    return item;
  }

  function addSeam(text) {
    addItem(text).className = "seam";
  }
`;
