/**
 * A table on a page of an example, the newest row on top, and a bar that says how
 * much of it is there.
 *
 * @module
 */

/** Rules for the table. */
export const TABLE_STYLE = `
  #bar {
    height: 3px; background: var(--blue);
    transform: scaleX(0); transform-origin: left; transition: transform .4s ease-out;
  }
  .card + .card { min-height: 16rem; }
  table { width: 100%; border-collapse: collapse; table-layout: fixed; }
  caption { position: absolute; clip-path: inset(50%); }
  th, td { padding: .6rem 1.25rem; text-align: left; vertical-align: top; }
  th { font-size: .8125rem; font-weight: 500; color: var(--soft); }
  td { border-top: 1px solid var(--line); }
  td:first-child { color: var(--soft); font-variant-numeric: tabular-nums; }
  .card:has(tbody:empty)::after {
    content: attr(data-empty); display: block;
    padding: .6rem 1.25rem; border-top: 1px solid var(--line); color: var(--soft);
  }
  tbody tr { animation: arrive .9s ease-out; }
  tbody .seam td { padding-block: .35rem; text-align: center; color: inherit; }
  @keyframes arrive {
    from { opacity: 0; background: color-mix(in srgb, var(--blue) 16%, transparent); }
    30% { opacity: 1; }
  }
  @media (max-width: 36rem) {
    dl > div { padding-inline: .75rem; }
    table { table-layout: auto; }
  }
`;

/**
 * Adds to the script of a page `addRow(id, …cells)`, whose cells are texts or
 * elements, `addSeam(text)`, for what stands between rows, and `fill(share)`.
 */
export const TABLE_SCRIPT = `
  const [rows, bar] = byId("rows", "bar");

  function addRow(id, ...cells) {
    const row = rows.insertRow(0);
    row.dataset.id = id;
    for (const cell of [id, ...cells]) row.insertCell().append(cell);
  }

  function addSeam(text) {
    const row = rows.insertRow(0);
    row.className = "seam";
    const cell = row.insertCell();
    cell.colSpan = rows.parentElement.tHead.rows[0].cells.length;
    cell.textContent = text;
  }

  function fill(share) {
    bar.style.transform = "scaleX(" + share + ")";
  }
`;

/**
 * Makes the card of a table that has no rows yet.
 *
 * @param caption What the table shows.
 * @param columns The names of its columns.
 * @param empty What stands there as long as it has no rows.
 * @returns The card, as HTML.
 */
export function tableCard(
  caption: string,
  columns: readonly string[],
  empty: string,
): string {
  const names = columns.map((name) => `<th scope="col">${name}</th>`).join("");
  return `<div class="card" data-empty="${empty}">
  <table>
    <caption>${caption}</caption>
    <thead><tr>${names}</tr></thead>
    <tbody id="rows"></tbody>
  </table>
</div>`;
}
