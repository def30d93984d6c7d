/** A stream that has `together` of the items whenever it is asked for one. */
export function streamOf<T>(
  items: readonly T[],
  together: number,
): ReadableStream<T> {
  let next = 0;
  return new ReadableStream({
    pull(controller) {
      const end = Math.min(next + together, items.length);
      while (next < end) controller.enqueue(items[next++]);
      if (next === items.length) controller.close();
    },
  });
}
