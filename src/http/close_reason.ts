/**
 * Why an event stream has ended.
 *
 * - `"finished"`: its source has no more events.
 * - `"closed"`: its sender was closed.
 * - `"client"`: the client has left.
 * - `"signal"`: the signal aborted.
 * - `"max-duration"`: its time was up.
 * - `"slow"`: too much was queued for a client that did not read it.
 * - `"error"`: its source failed, or gave an event that cannot be written.
 */
export type CloseReason =
  | "finished"
  | "closed"
  | "client"
  | "signal"
  | "max-duration"
  | "slow"
  | "error";
