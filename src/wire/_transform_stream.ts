/**
 * The platform's `TransformStream`, for classes that extend it.
 *
 * Bundlers keep a class that extends a global, used or not, together with all that
 * it uses: to look the global up may throw. They drop one that extends this.
 *
 * @internal
 */
const PlatformTransformStream: typeof TransformStream =
  /* @__PURE__ */ (() => TransformStream)();

// Under the name of the platform, which is the one that the documentation shows.
export { PlatformTransformStream as TransformStream };
