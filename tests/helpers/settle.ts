// Taken before a test puts a clock of its own in their place.
const { setTimeout } = globalThis;

/** Ends when no promise is left to settle that depends on nothing but promises. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/** Whether a promise is still pending when everything has settled. */
export async function isPending(promise: Promise<unknown>): Promise<boolean> {
  let pending = true;
  const settled = () => {
    pending = false;
  };
  promise.then(settled, settled);
  await settle();
  return pending;
}
