/** The last character of the data of an event, which is nowhere else in the stream. */
export const END = "~";

/** How long the data of an event is, in bytes. */
export const DATA_LENGTH = 200;
