/**
 * What the pages of the examples share, so that an example shows its events: the
 * frame around a page, how it looks, and a few words for its script.
 *
 * @module
 */

/** What a page has of its own. */
export interface PageParts {
  readonly title: string;
  /**
   * What stands on top.
   *
   * @default {title}
   */
  readonly heading?: string;
  /** What it is about, as HTML. */
  readonly intro: string;
  /** Everything below, as HTML. */
  readonly main: string;
  /** Rules that come behind those of all pages. */
  readonly style: string;
  /** A module, which may use what {@linkcode htmlPage} tells of. */
  readonly script?: string;
  /** More elements for the head. */
  readonly head?: string;
  /** Attributes of the body. */
  readonly bodyAttributes?: string;
  /** Attributes of the element that shows the state of the connection. */
  readonly statusAttributes?: string;
}

/**
 * Makes a page, on whose top is the state of its connection.
 *
 * Its script may use `byId(…ids)`, which gives elements, `show(state)`, which shows a
 * state of the connection, and `element(name, text, data)` and `tag(text, data)`,
 * which make elements with data attributes. What comes over the network is given to
 * these as text, never as HTML.
 *
 * @param parts What is its own.
 * @returns The page.
 */
export function htmlPage(parts: PageParts): string {
  const { title, heading = title, intro, main, style, script } = parts;
  const { head = "", bodyAttributes = "", statusAttributes = "" } = parts;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="icon" href="data:,">
${head}
<style>${STYLE}${style}</style>
</head>
<body ${bodyAttributes}>
<header>
  <h1>${heading}</h1>
  <span id="status" role="status" data-state="connecting" ${statusAttributes}>Connecting</span>
</header>
<p>${intro}</p>
${main}
${
    script === undefined
      ? ""
      : `<script type="module">${SCRIPT}${script}</script>`
  }
</body>
</html>
`;
}

/**
 * Answers with a page.
 *
 * @param page The page, as HTML.
 * @param headers More headers.
 * @returns The response.
 */
export function pageResponse(
  page: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(page, {
    headers: { "content-type": "text/html; charset=utf-8", ...headers },
  });
}

const STYLE = `
  :root {
    color-scheme: light dark;
    --page: light-dark(#f5f6f7, #111316);
    --card: light-dark(#ffffff, #1a1d21);
    --line: light-dark(#e2e5e9, #2b3036);
    --text: light-dark(#1b1f24, #e6e9ec);
    --soft: light-dark(#5b636e, #9aa3ae);
    --blue: light-dark(#1d5fc4, #7db1ff);
    --green: light-dark(#1b7a43, #63d394);
    --amber: light-dark(#955b00, #f0b656);
    --red: light-dark(#b42525, #ff8f8a);
    --violet: light-dark(#8a2fc0, #cf9bff);
  }
  * { box-sizing: border-box; }
  body {
    margin: 0 auto; padding: 3rem 1.25rem 4rem; max-width: 54rem;
    font: 1rem/1.5 system-ui, sans-serif;
    color: var(--text); background: var(--page);
  }
  header { display: flex; align-items: center; justify-content: space-between; gap: 1rem; }
  h1 { margin: 0; font-size: 1.75rem; line-height: 1.2; letter-spacing: -.02em; }
  header + p { margin: .75rem 0 1.75rem; max-width: 40rem; color: var(--soft); }
  code { font: .9em ui-monospace, monospace; color: var(--text); white-space: nowrap; }

  #status, .tag { --tone: var(--soft); color: var(--tone); white-space: nowrap; }
  #status::before, .tag::before {
    content: ""; display: inline-block; width: .5rem; height: .5rem; margin-right: .5rem;
    vertical-align: .08em; border-radius: 50%; background: currentColor;
  }
  #status {
    padding: .3rem .85rem; border-radius: 99rem; font-size: .875rem; font-weight: 600;
    background: color-mix(in srgb, var(--tone) 12%, var(--card));
    border: 1px solid color-mix(in srgb, var(--tone) 35%, transparent);
    transition: color .2s, background-color .2s, border-color .2s;
  }
  #status[data-state=open] { --tone: var(--green); }
  #status[data-state=reconnecting] { --tone: var(--amber); }
  #status:is([data-state=complete], [data-state=paused]) { --tone: var(--blue); }
  #status:is([data-state=failed], [data-state=stopped]) { --tone: var(--red); }
  #status:is([data-state=connecting], [data-state=reconnecting])::before {
    animation: pulse 1s ease-in-out infinite alternate;
  }
  @keyframes pulse { to { opacity: .25; } }

  .card {
    background: var(--card); border: 1px solid var(--line);
    border-radius: .75rem; overflow: hidden;
  }
  .card + .card { margin-top: 1.25rem; }
  dl { margin: 0; display: grid; grid-template-columns: repeat(3, 1fr); }
  dl > div { padding: .9rem 1.25rem 1.1rem; }
  dl > div + div { border-left: 1px solid var(--line); }
  dt { font-size: .8125rem; color: var(--soft); }
  dd { margin: 0; font-size: 1.5rem; line-height: 1.3; font-variant-numeric: tabular-nums; }
  dd small { font-size: 1rem; color: var(--soft); }
  .seam {
    padding-block: .35rem; font-size: .8125rem; text-align: center; color: var(--amber);
    background: color-mix(in srgb, var(--amber) 8%, transparent);
  }
  @media (max-width: 36rem) { body { padding-top: 1.5rem; } }
  @media (prefers-reduced-motion: reduce) {
    *, ::before { animation: none !important; transition: none !important; }
  }
`;

const SCRIPT = `
  const byId = (...ids) => ids.map((id) => document.getElementById(id));
  const [status] = byId("status");

  function show(state) {
    status.dataset.state = state;
    status.textContent = state[0].toUpperCase() + state.slice(1);
  }

  // Only textContent: what comes over the network is text, never HTML.
  function element(name, text, data = {}) {
    const made = document.createElement(name);
    made.textContent = text;
    Object.assign(made.dataset, data);
    return made;
  }

  function tag(text, data) {
    const made = element("span", text, data);
    made.className = "tag";
    return made;
  }
`;
