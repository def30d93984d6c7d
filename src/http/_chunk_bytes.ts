/** What is queued, or read from a log, leaves in chunks of about this many bytes at most. */
export const CHUNK_BYTES = 64 * 1024;
