/**
 * What the runtime says that it is: `Deno/…`, `Node.js/…`, `Bun/…`,
 * `Cloudflare-Workers`; every browser starts with `Mozilla/`. Node 20 says nothing.
 */
const userAgent: string = globalThis.navigator?.userAgent ?? "";

/** Whether this is a browser, where `fetch` follows the rules of CORS and caches. */
export const isBrowser: boolean = userAgent.startsWith("Mozilla/");

/** Whether this is workerd, where I/O belongs to one request: another that waits for it hangs. */
export const isWorkerd: boolean = userAgent === "Cloudflare-Workers";

/** Whether this is Deno, whose `fetch` decodes no body if the request has `Accept-Encoding`. */
export const isDeno: boolean = userAgent.startsWith("Deno/");
