import fc from "fast-check";

/** Pieces of event streams: whole fields, parts of them, and what is malformed. */
const piece = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      "\n",
      "\r",
      "\r\n",
      "data:",
      "data: ",
      "data",
      "event: ",
      "event",
      "id: ",
      "id",
      "retry: ",
      ": ",
      ":",
      " ",
      "1",
      "999999999999999999999",
      "\0",
      "\uFEFF",
      "unknown: ",
    ),
  },
  { weight: 2, arbitrary: fc.string({ unit: "binary", maxLength: 8 }) },
).map((text) => new TextEncoder().encode(text));

const malformed = fc.oneof(
  fc.constantFrom(
    [0xff],
    [0xc2],
    [0xe2, 0x82],
    [0xf0, 0x9f, 0x98],
    [0xed, 0xa0, 0x80],
    [0x80],
    [0xc0, 0x80],
    [0xf4, 0x90, 0x80, 0x80],
  ).map((bytes) => Uint8Array.from(bytes)),
  fc.uint8Array({ maxLength: 4 }),
);

/** Bytes that look like event streams of every kind. */
export const eventStreamBytes: fc.Arbitrary<Uint8Array<ArrayBuffer>> = fc
  .array(
    fc.oneof(
      { weight: 12, arbitrary: piece },
      { weight: 1, arbitrary: malformed },
    ),
    { maxLength: 60 },
  )
  .map((pieces) => Uint8Array.from(pieces.flatMap((bytes) => [...bytes])));

/** Lines as servers write them, of lengths about which readers make distinctions. */
const line = fc.tuple(
  fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom("data: ", "data:") },
    {
      weight: 5,
      arbitrary: fc.constantFrom(
        "event: ",
        "id: ",
        "id:",
        "retry: ",
        ": ",
        "data",
        "dat",
        "events: ",
        "ids: ",
        "",
      ),
    },
  ),
  fc.oneof(
    fc.constantFrom("", "1", "\0", "\uFEFF", "é", "語", "🦕", "ÿdata: x"),
    fc.integer({ min: 1, max: 200 }).map((length) => "x".repeat(length)),
    fc.string({ unit: "grapheme", maxLength: 40 }).map((text) =>
      text.replace(/[\r\n]/g, "")
    ),
  ),
).map(([name, value]) => name + value);

/** Streams of up to some thousand bytes, most of them well-formed. */
export const plausibleStreamBytes: fc.Arbitrary<Uint8Array<ArrayBuffer>> = fc
  .tuple(
    fc.constantFrom(["\n"], ["\r\n"], ["\n", "\n", "\n", "\r\n", "\r"]),
    fc.array(fc.tuple(line, fc.nat({ max: 4 }), fc.boolean()), {
      maxLength: 80,
      size: "max",
    }),
    fc.option(fc.tuple(fc.nat(), malformed), { freq: 6 }),
  )
  .map(([lineEnds, lines, broken]) => {
    const text = lines.map(([line, end, isLast]) => {
      const lineEnd = lineEnds[end % lineEnds.length];
      return line + lineEnd + (isLast ? lineEnd : "");
    }).join("");
    const bytes = new TextEncoder().encode(text);
    if (broken === null || bytes.length === 0) return bytes;
    const [at, wrong] = broken;
    const cut = at % bytes.length;
    return Uint8Array.of(...bytes.slice(0, cut), ...wrong, ...bytes.slice(cut));
  });

/** Streams of the smallest events, and of what may be taken for one. */
export const tinyStreamBytes: fc.Arbitrary<Uint8Array<ArrayBuffer>> = fc
  .array(
    fc.oneof(
      {
        weight: 4,
        arbitrary: fc.tuple(
          fc.constantFrom("data: ", "data: ", "data:"),
          fc.constantFrom("", "1", "42", "ok", "true", "12345", "[DONE]", ","),
        ).map(([name, value]) => `${name}${value}\n\n`),
      },
      {
        weight: 1,
        arbitrary: fc.constantFrom(
          ...["data: é\n\n", "data: \t\n\n", "data: \0\n\n", "data: 1\n"],
          ...["data: 1\r\n\r\n", "data: 1\r\n\n", "data: 1\r\r", "data\n\n"],
          ...["data: 1\rd", "data: 1234567\n\n", "id: 7\n", "id\n\n", ":\n\n"],
          ...["event: x\n", "retry: 1\n\n", "\uFEFF", "\n", "\r", "d", "da"],
        ),
      },
    ),
    { maxLength: 40, size: "max" },
  )
  .map((pieces) => new TextEncoder().encode(pieces.join("")));

const shortBytes = fc.oneof(
  fc.constantFrom("", "1", "é", "語", "🦕", "\0", " ", ":", "data: x"),
  fc.integer({ min: 1, max: 40 }).map((length) => "語x".repeat(length)),
).map((text) => new TextEncoder().encode(text));

/** Streams of short lines, most of them beyond ASCII: bytes and code units drift apart. */
export const wideStreamBytes: fc.Arbitrary<Uint8Array<ArrayBuffer>> = fc
  .tuple(
    fc.constantFrom(["\n"], ["\r\n"], ["\n", "\r\n"], ["\n", "\n", "\r"]),
    fc.array(
      fc.tuple(
        fc.constantFrom(
          ...["data: ", "data: ", "data:", "event: ", "id: ", "retry: "],
          ...[": ", ":", "", "data", "other: "],
        ),
        fc.oneof(
          { weight: 9, arbitrary: shortBytes },
          { weight: 1, arbitrary: malformed },
        ),
        fc.nat({ max: 2 }),
        fc.boolean(),
      ),
      { maxLength: 30, size: "max" },
    ),
    shortBytes,
  )
  .map(([lineEnds, lines, last]) => {
    const encoder = new TextEncoder();
    const pieces = lines.map(([name, value, end, isLast]) => {
      const lineEnd = lineEnds[end % lineEnds.length];
      return [
        ...encoder.encode(name),
        ...value,
        ...encoder.encode(lineEnd + (isLast ? lineEnd : "")),
      ];
    });
    return Uint8Array.from([...pieces.flat(), ...last]);
  });

/** Sizes of chunks, to be used over and over. */
export const chunkSizes: fc.Arbitrary<number[]> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: 1, max: 9 }) },
    { weight: 1, arbitrary: fc.integer({ min: 10, max: 200 }) },
    { weight: 1, arbitrary: fc.integer({ min: 100, max: 3000 }) },
  ),
  { minLength: 1, maxLength: 8 },
);

const longLine = fc.tuple(
  fc.constantFrom("data: ", "data:", "event: ", "id: ", ": ", "unknown: ", ""),
  fc.constantFrom("x", "é", "語", "🦕", "\0"),
  fc.nat({ max: 9000 }),
  fc.constantFrom("\n", "\n\n", "\r\n\r\n", "\r", ""),
).map(([name, unit, count, lineEnd]) =>
  new TextEncoder().encode(name + unit.repeat(count) + lineEnd)
);

/** Streams of up to some ten thousand bytes, of long lines and short ones. */
export const longStreamBytes: fc.Arbitrary<Uint8Array<ArrayBuffer>> = fc
  .array(fc.oneof(plausibleStreamBytes, longLine), { maxLength: 6 })
  .map((pieces) => Uint8Array.from(pieces.flatMap((bytes) => [...bytes])));

/** Sizes of chunks, about those among which readers make distinctions. */
export const longChunkSizes: fc.Arbitrary<number[]> = fc.array(
  fc.oneof(
    fc.integer({ min: 1, max: 520 }),
    fc.integer({ min: 500, max: 4090 }),
    fc.integer({ min: 4090, max: 4100 }),
    fc.integer({ min: 4100, max: 20_000 }),
  ),
  { minLength: 1, maxLength: 8 },
);

/** Any text, line ends, NUL, U+FEFF, lone surrogates and look-alikes of fields among it. */
export const anyText: fc.Arbitrary<string> = fc.array(
  fc.oneof(
    fc.constantFrom(
      "\n",
      "\r",
      "\r\n",
      "\0",
      "\uFEFF",
      "\ud800",
      "\udc00",
      " ",
      ":",
      "data: x",
      "event: forged",
      "id: forged",
      "retry: 1",
      "\u2028",
      "\u0085",
    ),
    fc.string({ unit: "grapheme", maxLength: 6 }),
  ),
  { maxLength: 6 },
).map((parts) => parts.join(""));
