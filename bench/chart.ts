/** A bar of a chart. */
export interface ChartBar {
  readonly label: string;
  /** How long it is; absent where nothing was measured. */
  readonly ratio: number | undefined;
}

/** Bars that belong together. */
export interface ChartGroup {
  readonly label: string;
  readonly bars: readonly ChartBar[];
}

/** A bar chart of ratios. */
export interface Chart {
  readonly title: string;
  /** What the length of a bar is. */
  readonly unit: string;
  readonly groups: readonly ChartGroup[];
}

const WIDTH = 820;
const MARGIN = 20;
/** Where bars begin, behind their labels. */
const BAR_START = 90;
/** Where the longest bar ends, before its value. */
const BAR_END = WIDTH - 80;
const BAR_HEIGHT = 16;
const BAR_STEP = 22;
const HEAD_HEIGHT = 72;
const GROUP_HEAD = 34;

/** GitHub's own colors of text, of less and of more than 1. */
const STYLE = `
  text { font: 13px system-ui, sans-serif; fill: #1f2328; }
  .title { font-size: 16px; font-weight: 600; }
  .group { font-weight: 600; }
  .unit { fill: #59636e; }
  .less { fill: #8c959f; }
  .more { fill: #1a7f37; }
  .even { stroke: #1f2328; stroke-dasharray: 4 3; }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc; }
    .unit { fill: #9198a1; }
    .less { fill: #6e7681; }
    .more { fill: #3fb950; }
    .even { stroke: #f0f6fc; }
  }
`;

/**
 * Draws horizontal bars, one group below the other, with a line at 1.
 *
 * It has no background: its colors are those of the page, light or dark.
 *
 * @returns An SVG document.
 */
export function chartOf({ title, unit, groups }: Chart): string {
  const ratios = groups.flatMap(({ bars }) => bars.map(({ ratio }) => ratio));
  const longest = Math.max(1.2, ...ratios.filter((it) => it !== undefined));
  const xOf = (ratio: number) =>
    round(BAR_START + ratio / longest * (BAR_END - BAR_START));

  const parts: string[] = [];
  let y = HEAD_HEIGHT;
  for (const { label, bars } of groups) {
    parts.push(textAt(MARGIN, y + 18, "group", label));
    y += GROUP_HEAD;
    const top = y;
    for (const { label, ratio } of bars) {
      parts.push(textAt(MARGIN, y + 13, "label", label));
      if (ratio === undefined) {
        parts.push(textAt(BAR_START, y + 13, "unit", "-"));
      } else {
        const kind = ratio < 1 ? "less" : "more";
        const width = round(xOf(ratio) - BAR_START);
        parts.push(
          `<rect class="${kind}" x="${BAR_START}" y="${y}" ` +
            `width="${width}" height="${BAR_HEIGHT}" rx="2"/>`,
          textAt(
            Math.max(xOf(ratio), xOf(1)) + 8,
            y + 13,
            "value",
            ratio.toFixed(2),
          ),
        );
      }
      y += BAR_STEP;
    }
    const even = xOf(1);
    parts.push(
      `<line class="even" x1="${even}" y1="${
        top - 6
      }" x2="${even}" y2="${y}"/>`,
      textAt(even, top - 10, "unit", "1.0", "middle"),
    );
    y += 10;
  }

  return `<!-- deno-fmt-ignore-file -->
<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${y}" viewBox="0 0 ${WIDTH} ${y}" role="img" aria-labelledby="title">
<title id="title">${escape(title)}: ${escape(unit)}</title>
<style>${STYLE}</style>
${textAt(MARGIN, 30, "title", title)}
${textAt(MARGIN, 54, "unit", unit)}
${parts.join("\n")}
</svg>
`;
}

function textAt(
  x: number,
  y: number,
  kind: string,
  text: string,
  anchor = "start",
): string {
  return `<text class="${kind}" x="${x}" y="${y}" ` +
    `text-anchor="${anchor}">${escape(text)}</text>`;
}

function round(length: number): number {
  return Math.round(length * 10) / 10;
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
