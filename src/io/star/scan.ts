/** Byte-level pieces of the STAR grammar, shared by the block parser and the columns. */

export const NEWLINE = 0x0a;
export const HASH = 0x23;
export const DOUBLE_QUOTE = 0x22;
export const SINGLE_QUOTE = 0x27;
export const UNDERSCORE = 0x5f;

/** Space, tab, carriage return and every other control character separate fields; so does the line's end. */
export function isBlank(byte: number): boolean {
  return byte <= 0x20;
}

/** Offset of the newline that ends the line at `start`, or `end`. */
export function lineEnd(bytes: Uint8Array, start: number, end: number): number {
  const found = bytes.indexOf(NEWLINE, start);
  return found < 0 || found > end ? end : found;
}

/** First offset from `start` that is no blank. */
export function skipBlanks(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && isBlank(bytes[at] as number)) at++;
  return at;
}

/** What `fieldEnd` returns for a quote that the line does not close. */
export const UNCLOSED_QUOTE = -1;

/**
 * End (exclusive) of the field that starts at `start`, its quotes included.
 * A quote closes only before a blank or the line's end, so that 'it's' is one field.
 */
export function fieldEnd(bytes: Uint8Array, start: number, end: number): number {
  const first = bytes[start] as number;
  let at = start + 1;
  if (first === DOUBLE_QUOTE || first === SINGLE_QUOTE) {
    for (; at < end; at++) {
      if (bytes[at] === first && (at + 1 >= end || isBlank(bytes[at + 1] as number))) return at + 1;
    }
    return UNCLOSED_QUOTE;
  }
  while (at < end && !isBlank(bytes[at] as number)) at++;
  return at;
}

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** Text between offsets; short ASCII runs, the usual case, without the decoder's overhead. */
export function textOf(bytes: Uint8Array, start: number, end: number): string {
  if (end - start <= 24) {
    let made = "";
    for (let at = start; at < end; at++) {
      const byte = bytes[at] as number;
      if (byte >= 0x80) return decoder.decode(bytes.subarray(start, end));
      made += String.fromCharCode(byte);
    }
    return made;
  }
  return decoder.decode(bytes.subarray(start, end));
}

/** The value of a field: without its quotes. */
export function fieldText(bytes: Uint8Array, start: number, end: number): string {
  const first = bytes[start];
  const isQuoted = end - start >= 2 && (first === DOUBLE_QUOTE || first === SINGLE_QUOTE);
  return isQuoted ? textOf(bytes, start + 1, end - 1) : textOf(bytes, start, end);
}

export function bytesOf(text: string): Uint8Array {
  return encoder.encode(text);
}

/** 1-based line number of an offset. Walks the file: for error messages only. */
export function lineNumber(bytes: Uint8Array, offset: number): number {
  let line = 1;
  for (let at = bytes.indexOf(NEWLINE); at >= 0 && at < offset; at = bytes.indexOf(NEWLINE, at + 1)) line++;
  return line;
}
