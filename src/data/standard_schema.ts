/**
 * A validator after [Standard Schema](https://standardschema.dev), version 1:
 * a schema of zod, valibot, arktype and others.
 *
 * Only the part of the interface that is used here, so that no dependency is
 * needed; any Standard Schema is assignable to it.
 *
 * @typeParam Output What a valid value comes out as.
 */
export interface StandardSchema<Output> {
  /** The Standard Schema properties. */
  readonly "~standard": {
    /** The version of the interface. */
    readonly version: 1;
    /** Who made the schema. */
    readonly vendor: string;
    /**
     * Validates a value.
     *
     * @param value The value.
     * @returns The output or the issues, or a promise of them.
     */
    readonly validate: (
      value: unknown,
    ) => StandardSchemaResult<Output> | Promise<StandardSchemaResult<Output>>;
    /** The types that the schema stands for; never there at run time. */
    readonly types?:
      | { readonly input: unknown; readonly output: Output }
      | undefined;
  };
}

/**
 * What a {@linkcode StandardSchema} finds: the output, or the issues.
 *
 * @typeParam Output What a valid value comes out as.
 */
export type StandardSchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly StandardSchemaIssue[] };

/** One thing that is wrong with a value. */
export interface StandardSchemaIssue {
  /** What is wrong, for people. */
  readonly message: string;
  /** Where: the keys that lead there. */
  readonly path?:
    | readonly (PropertyKey | { readonly key: PropertyKey })[]
    | undefined;
}
