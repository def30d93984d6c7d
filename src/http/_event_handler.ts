/**
 * An event handler of HTML: what an `on…` property holds, and the listener that
 * calls it. It keeps its place among the listeners as long as there is a handler.
 *
 * @see [HTML, section 8.1.8.1](https://html.spec.whatwg.org/multipage/webappapis.html#event-handlers)
 */
export class EventHandler<T extends EventTarget, V extends Event> {
  readonly #target: T;
  readonly #type: string;
  readonly #listener: (event: Event) => void;
  #value: ((this: T, event: V) => unknown) | null = null;

  /** Makes the handler of a target for events of a type. */
  constructor(target: T, type: string) {
    this.#target = target;
    this.#type = type;
    this.#listener = (event) => {
      // The map of the target's events vouches for what events of a type are.
      if (typeof this.#value === "function") {
        const result = this.#value.call(target, event as V);
        if (result === false) event.preventDefault();
      }
    };
  }

  /** What the property holds. */
  get value(): ((this: T, event: V) => unknown) | null {
    return this.#value;
  }
  set value(value: ((this: T, event: V) => unknown) | null) {
    const isObject = typeof value === "object" || typeof value === "function";
    const next = isObject ? value : null;
    if (this.#value === null && next !== null) {
      this.#target.addEventListener(this.#type, this.#listener);
    } else if (next === null) {
      this.#target.removeEventListener(this.#type, this.#listener);
    }
    this.#value = next;
  }
}
