const LF = 0x0a;
const CR = 0x0d;
const COLON = 0x3a;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

/**
 * Ends the block behind each comment line that stands at the start of one.
 *
 * The wire view gives a comment with its block, when a blank line ends that. The
 * contract tests want to be told of a comment when its line has ended, and send
 * nothing after it. A blank line between blocks changes nothing else.
 */
export function commentLines(): TransformStream<Uint8Array, Uint8Array> {
  let offset = 0;
  let isLineStart = true;
  /** Whether the block has no line but the one that is read. */
  let isBlockStart = true;
  let isComment = false;
  let previous = 0;

  return new TransformStream({
    transform(chunk, controller) {
      const bytes: number[] = [];
      for (const byte of chunk) {
        bytes.push(byte);
        const isMark = offset < 3 && byte === BYTE_ORDER_MARK[offset];
        offset++;
        if (isMark) continue;
        if (byte === LF && previous === CR) {
          // The second half of a line end.
        } else if (byte === LF || byte === CR) {
          if (isLineStart) isBlockStart = true;
          else if (isComment && isBlockStart) {
            // A CR would be one line end with an LF behind it.
            bytes.push(...(byte === CR ? [LF, LF] : [LF]));
          } else isBlockStart = false;
          isLineStart = true;
        } else {
          if (isLineStart) isComment = byte === COLON;
          isLineStart = false;
        }
        previous = byte;
      }
      controller.enqueue(Uint8Array.from(bytes));
    },
  });
}
