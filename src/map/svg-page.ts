import { escapeText } from "./svg-text.ts";

export interface SvgPageOptions {
  readonly width: number;
  readonly height: number;
  readonly title: string;
  /** Smaller lines below the title: what the numbers mean. */
  readonly notes?: readonly string[];
}

/** Left edge of title and plots on a page. */
export const PAGE_GAP = 18;

/** Where the plots of a page begin below its title and notes. */
export function pageTop(noteCount: number): number {
  return 36 + 17 * noteCount + 8;
}

/** A complete SVG file: white ground, a title, notes, and the parts given. */
export function svgPage(parts: readonly string[], { width, height, title, notes = [] }: SvgPageOptions): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" ` +
      `font-family="Helvetica, Arial, sans-serif" font-size="12" fill="#222">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    `<text x="${PAGE_GAP}" y="28" font-size="17" font-weight="bold">${escapeText(title)}</text>`,
    ...notes.map(
      (note, i) => `<text x="${PAGE_GAP}" y="${36 + 17 * (i + 1) - 5}" fill="#555">${escapeText(note)}</text>`,
    ),
    ...parts,
    "</svg>",
    "",
  ].join("\n");
}
