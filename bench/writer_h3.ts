import { createEventStream, mockEvent } from "npm:h3@2.0.8";
import { streamOf } from "./item_stream.ts";
import { bodyOf } from "./responder.ts";
import { messageOf, type Writer } from "./writer.ts";

/**
 * The event stream of h3, pushed one event after the other.
 *
 * @param together How many events the source has ready at a time.
 */
export function h3Writer(together: number): Writer {
  return {
    name: "h3",
    role: "peer",
    prepare(blocks) {
      if (blocks.some(({ comments }) => comments !== undefined)) {
        return "it writes comments as blocks of their own only";
      }
      const messages = blocks.map(messageOf);
      return async (sink) => {
        const stream = createEventStream(mockEvent("http://localhost/"));

        async function pushAll(): Promise<void> {
          for await (const message of streamOf(messages, together)) {
            await stream.push(message);
          }
          await stream.close();
        }

        const pushed = pushAll();
        const body = bodyOf(new Response(stream.body));
        for await (const chunk of body) sink.add(chunk);
        await pushed;
      };
    },
  };
}
