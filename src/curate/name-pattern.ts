/**
 * Whether a file name fits a pattern: * stands for any text, ? for one character, everything else for itself. A pattern
 * without a slash is held against the last part of the name, with or without its ending.
 */
export function namePattern(pattern: string): (name: string) => boolean {
  const source = Array.from(pattern, (character) =>
    character === "*" ? ".*" : character === "?" ? "." : character.replace(/[\\^$.|+()[\]{}]/g, "\\$&"),
  ).join("");
  const expression = new RegExp(`^${source}$`, "su");
  const isWhole = pattern.includes("/");
  return (name) => {
    if (expression.test(name)) return true;
    if (isWhole) return false;
    const last = name.slice(name.lastIndexOf("/") + 1);
    return expression.test(last) || expression.test(last.replace(/\.[A-Za-z0-9]+$/, ""));
  };
}
