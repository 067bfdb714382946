import { withKeptVariables } from '#cli/kept-variables.ts';
import { main } from '#cli/main.ts';

/* No top-level await: the bytecode cache needs a CommonJS bundle. */
void main(process.argv.slice(2), withKeptVariables(process.env)).then((exitCode) => process.exit(exitCode));
