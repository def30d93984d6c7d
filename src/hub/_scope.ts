import { EventBuildError } from "../errors.ts";
import { writeEvent } from "../wire/_write_event.ts";

/** Puts the owner of a log in front of its ids. */
export interface Scope {
  /** The id that clients see. */
  toClient(id: string): string;
  /** The id of the log, `undefined` if it is one of another owner. */
  fromClient(id: string): string | undefined;
}

/**
 * Makes a scope.
 *
 * @throws {EventBuildError} If an id cannot hold its name.
 */
export function createScope(name: string | undefined): Scope {
  if (name === undefined) {
    return { toClient: (id) => id, fromClient: (id) => id };
  }
  if (typeof name !== "string") {
    throw new EventBuildError("a scope must be text", "id", name);
  }
  // Refuses what an id cannot hold.
  writeEvent({ id: name });
  const prefix = `${name}:`;
  return {
    toClient: (id) => prefix + id,
    fromClient: (id) =>
      id.startsWith(prefix) ? id.slice(prefix.length) : undefined,
  };
}
