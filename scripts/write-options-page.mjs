// Writes docs/options.md from the option tables. Run after `npm run setup`; a test fails while the page is out of date.
import { writeFileSync } from "node:fs";
import { optionsPage } from "../dist/options/options-page.js";

writeFileSync(new URL("../docs/options.md", import.meta.url), optionsPage());
