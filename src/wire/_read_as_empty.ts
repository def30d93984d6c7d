/**
 * The events that were read with data of which their codec made `undefined`: they are
 * written with empty data again, which says the same. A copy is not known here.
 */
export const readAsEmpty: WeakSet<object> = /* @__PURE__ */ new WeakSet();
