/** An `AbortController` that counts who listens to its signal. */
export class ObservedAbortController extends AbortController {
  #listeners = 0;

  /** Makes a controller to whose signal nobody listens. */
  constructor() {
    super();
    const { signal } = this;
    const { addEventListener, removeEventListener } = signal;
    Object.assign(signal, {
      addEventListener: (
        ...parameters: Parameters<typeof addEventListener>
      ) => {
        this.#listeners++;
        addEventListener.apply(signal, parameters);
      },
      removeEventListener: (
        ...parameters: Parameters<typeof removeEventListener>
      ) => {
        this.#listeners--;
        removeEventListener.apply(signal, parameters);
      },
    });
  }

  /** How many listeners were added and not removed. */
  get listeners(): number {
    return this.#listeners;
  }
}
