/** The release of Datastar in the browser that is served unless told otherwise. */
export const DATASTAR_VERSION = "1.0.3";

/** The SHA-384 of the bundles that are known, as of `integrity`. */
const INTEGRITY: ReadonlyMap<string, string> = new Map([
  [
    "1.0.2",
    "sha384-SnyFlWTdFL3c8+9/1WsPuMFBq6AQOGC1LmS9upY4YkM3En3wZr5q2UvydHaMgOVG",
  ],
  [
    "1.0.3",
    "sha384-yHqFPXJio1slWODLf67ZFfuDhhPUccOzGpGJF0d5fitjEfihEVrVvzMsfH8TxCiO",
  ],
]);

/** Where the bundle of a release is. */
export function bundleUrl(version: string): string {
  return `https://cdn.jsdelivr.net/gh/starfederation/datastar@v${version}/bundles/datastar.js`;
}

/** The hash that the bundle of a release must have, if it is known. */
export function integrityOf(version: string): string | undefined {
  return INTEGRITY.get(version);
}

/** The release that has a hash, if it is known. */
export function releaseOf(integrity: string): string | undefined {
  for (const [version, known] of INTEGRITY) {
    if (known === integrity) return version;
  }
  return undefined;
}
