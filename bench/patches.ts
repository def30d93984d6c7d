import { type Block, textOf } from "./corpora.ts";
import { createRandom } from "./random.ts";

/** What a Datastar patch is made of. */
export interface Patch {
  readonly elements: string;
  readonly selector?: string;
  readonly mode?: "inner";
}

const EVENT = "datastar-patch-elements";

/** The HTML of one patch, in bytes. */
const PATCH_SIZE = 64 * 1024;

/** What a line of HTML has on average, so that one on the wire has about 85 bytes. */
const LINE_LENGTH = 70;

/**
 * Makes patches of 64 KB of HTML each, the same ones every time.
 *
 * @param lines How the HTML is laid out.
 * @param size How many bytes of HTML they have together at least.
 */
export function makePatches(
  lines: "many lines" | "one line",
  size: number,
): Block[] {
  const random = createRandom(lines);
  const joint = lines === "one line" ? "" : "\n";
  return Array.from({ length: Math.ceil(size / PATCH_SIZE) }, () => {
    const html: string[] = [];
    for (let length = 0; length < PATCH_SIZE;) {
      const tags = `<li id="item-${random.digits(6)}"></li>`.length;
      const text = textOf(random, LINE_LENGTH - tags + random.between(-20, 20));
      const line = `<li id="item-${random.digits(6)}">${text}</li>`;
      html.push(line);
      length += line.length + joint.length;
    }
    const elements = html.join(joint);
    const data = elements.split("\n").map((line) => `elements ${line}`);
    return { event: EVENT, data: data.join("\n") };
  });
}

/** What a block is made of, `undefined` if it is no patch. */
export function patchOf({ event, data }: Block): Patch | undefined {
  if (event !== EVENT || data === undefined) return undefined;
  const lines = data.split("\n");
  const valuesOf = (name: string) =>
    lines.filter((line) => line.startsWith(`${name} `))
      .map((line) => line.slice(name.length + 1));
  const [selector] = valuesOf("selector");
  return {
    ...selector !== undefined && { selector },
    ...valuesOf("mode").includes("inner") && { mode: "inner" },
    elements: valuesOf("elements").join("\n"),
  };
}
