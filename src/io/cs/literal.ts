import { DataError } from "../../core/errors.ts";

/** What the dictionary of a .npy header may hold. */
export type Literal = string | number | boolean | null | Literal[] | { [key: string]: Literal };

/** Nesting of a structured dtype is 3; anything much deeper is no header. */
const MAX_DEPTH = 16;

/** Reads the Python literal of a .npy header: dict, list, tuple, text, integer, True, False, None. */
export function parseLiteral(text: string, where: string): Literal {
  let at = 0;
  const fail = (expected: string): never => {
    throw new DataError(`${where}: .npy header: expected ${expected} at character ${at + 1}.`, { where, at });
  };
  const skip = (): void => {
    while (at < text.length && /\s/.test(text[at] as string)) at++;
  };
  const readText = (): string => {
    const quote = text[at++] as string;
    let value = "";
    while (at < text.length && text[at] !== quote) {
      if (text[at] === "\\") at++;
      value += text[at++] ?? "";
    }
    if (at >= text.length) fail("a closing quote");
    at++;
    return value;
  };
  const readList = (close: string, depth: number): Literal[] => {
    const items: Literal[] = [];
    at++;
    for (skip(); text[at] !== close; skip()) {
      items.push(readValue(depth + 1));
      skip();
      if (text[at] === ",") at++;
      else if (text[at] !== close) fail(`"," or "${close}"`);
    }
    at++;
    return items;
  };
  const readDict = (depth: number): { [key: string]: Literal } => {
    const entries: [string, Literal][] = [];
    at++;
    for (skip(); text[at] !== "}"; skip()) {
      if (text[at] !== "'" && text[at] !== '"') fail("a key in quotes");
      const key = readText();
      skip();
      if (text[at++] !== ":") fail('":"');
      entries.push([key, readValue(depth + 1)]);
      skip();
      if (text[at] === ",") at++;
      else if (text[at] !== "}") fail('"," or "}"');
    }
    at++;
    return Object.fromEntries(entries);
  };
  const readValue = (depth: number): Literal => {
    if (depth > MAX_DEPTH) fail("a shallower literal");
    skip();
    const character = text[at];
    if (character === "{") return readDict(depth);
    if (character === "[") return readList("]", depth);
    if (character === "(") return readList(")", depth);
    if (character === "'" || character === '"') return readText();
    const word = /^(True|False|None|-?\d+)/.exec(text.slice(at, at + 32))?.[0] ?? "";
    at += word.length;
    if (word === "True") return true;
    if (word === "False") return false;
    if (word === "None") return null;
    return word === "" ? fail("a value") : Number(word);
  };
  const value = readValue(0);
  skip();
  if (at < text.length) fail("the end");
  return value;
}
