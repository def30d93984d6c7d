import {
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertStrictEquals,
} from "@std/assert";
import { EventDataError, EventDecoderStream, jsonData } from "../../mod.ts";
import { utf8 } from "../helpers/bytes.ts";
import { collect, observedSource, streamOf } from "../helpers/streams.ts";

Deno.test("EventDecoderStream is a TransformStream", () => {
  assertInstanceOf(new EventDecoderStream(), TransformStream);
});

Deno.test("EventDecoderStream has the state of the parser", async () => {
  const decoder = new EventDecoderStream({ lastEventId: "0" });
  assertEquals(decoder.lastEventId, "0");
  assertEquals(decoder.reconnectionTime, undefined);
  const source = streamOf(utf8("id: 1\nretry: 5\n\ndata: x\n\n"));
  await collect(source.pipeThrough(decoder));
  assertEquals(decoder.lastEventId, "1");
  assertEquals(decoder.reconnectionTime, 5);
});

/** Both errors, in chunks of their own and together with what comes before them. */
const errors: readonly (readonly [string, readonly string[]])[] = [
  ["in the same chunk", ["data: 1\n\ndata: 2\n\ndata: ?\n\ndata: 3\n\n"]],
  ["in a chunk of its own", ["data: 1\n\ndata: 2\n\n", "data: ?\n\n"]],
];

for (const [where, chunks] of errors) {
  for (
    const [name, errorName, options] of [
      ["unreadable", "EventDataError", { data: jsonData() }],
      [
        "too large",
        "EventSizeError",
        { data: { lineReader: tooLarge }, maxEventSize: 1 },
      ],
    ] as const
  ) {
    Deno.test(`EventDecoderStream errors after the events before an ${name} one ${where}`, async () => {
      const bytes = chunks.map((text) =>
        utf8(name === "too large" ? text.replace("?", "??") : text)
      );
      const { stream, cancels, cancelled } = observedSource(bytes, "wait");
      const reader = stream.pipeThrough(new EventDecoderStream(options))
        .getReader();
      assertEquals((await reader.read()).value?.data, 1);
      assertEquals((await reader.read()).value?.data, 2);
      const error = await assertRejects(() => reader.read(), Error);
      assertEquals(error.name, errorName);
      await cancelled;
      assertEquals(cancels, [error]);
    });
  }
}

function tooLarge() {
  let value = 0;
  return {
    readLine: (line: string) => {
      value = Number(line);
    },
    data: () => value,
  };
}

Deno.test("EventDecoderStream errors although its source has ended before it was read", async () => {
  const decoder = new EventDecoderStream({ data: jsonData() });
  const writer = decoder.writable.getWriter();
  const written = writer.write(utf8("data: 1\n\ndata: ?\n\n"));
  const closed = writer.close();
  const reader = decoder.readable.getReader();
  assertEquals((await reader.read()).value?.data, 1);
  const error = await assertRejects(() => reader.read(), EventDataError);
  assertStrictEquals(await assertRejects(() => written), error);
  assertStrictEquals(await assertRejects(() => closed), error);
});

Deno.test("EventDecoderStream passes on the error of its source after the events before it", async () => {
  const error = new Error("source");
  const { stream } = observedSource([utf8("data: 1\n\n")], { error });
  const reader = stream.pipeThrough(new EventDecoderStream()).getReader();
  assertEquals((await reader.read()).value?.data, "1");
  assertStrictEquals(await assertRejects(() => reader.read()), error);
});

Deno.test("EventDecoderStream cancels its source once, with the reason", async () => {
  const { stream, cancels, cancelled } = observedSource(
    [utf8("data: 1\n\ndata: 2\n\n")],
    "wait",
  );
  const reader = stream.pipeThrough(new EventDecoderStream()).getReader();
  await reader.read();
  await reader.cancel("enough");
  await cancelled;
  assertEquals(cancels, ["enough"]);
});

Deno.test("EventDecoderStream cancels a source that it is waiting for", async () => {
  const { stream, cancels, cancelled } = observedSource<Uint8Array>(
    [],
    "wait",
  );
  const reader = stream.pipeThrough(new EventDecoderStream()).getReader();
  const read = reader.read();
  await reader.cancel("enough");
  await cancelled;
  assertEquals(await read, { done: true, value: undefined });
  assertEquals(cancels, ["enough"]);
});

Deno.test("EventDecoderStream aborts its readable side at once, even while a write waits", async () => {
  const decoder = new EventDecoderStream();
  const writer = decoder.writable.getWriter();
  const written = writer.write(utf8("data: 1\n\n"));
  const reason = new Error("aborted");
  await writer.abort(reason);
  await written.catch(() => {});
  const reader = decoder.readable.getReader();
  assertStrictEquals(await assertRejects(() => reader.read()), reason);
});

Deno.test("EventDecoderStream closes, without the unfinished event", async () => {
  const decoder = new EventDecoderStream();
  const source = streamOf(utf8("data: 1\n\ndata: 2\n"));
  const events = await collect(source.pipeThrough(decoder));
  assertEquals(events.map((event) => event.data), ["1"]);
});

Deno.test("EventDecoderStream asks its source for no more than it is asked for", async () => {
  const chunks = Array.from({ length: 50 }, () => utf8("data: x\n\n"));
  const { stream, pulls } = observedSource(chunks);
  const reader = stream.pipeThrough(new EventDecoderStream()).getReader();
  for (let i = 0; i < 5; i++) await reader.read();
  // Each of the two sides of the pipe may hold a chunk.
  assertEquals(pulls() <= 7, true, `${pulls()} chunks were asked for`);
  await reader.cancel();
});
