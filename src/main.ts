import { main } from './cli/main.ts';

/* No top-level await: the bytecode cache needs a CommonJS bundle. */
void main(process.argv.slice(2), process.env).then((exitCode) => process.exit(exitCode));
