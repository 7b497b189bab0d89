/** The compiled product, as a URL. */
export const dist = new URL("../dist/", import.meta.url);
