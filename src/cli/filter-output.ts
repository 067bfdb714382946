import { complain } from './complain.ts';
import { EXIT } from './exit-codes.ts';
import { gatherStdout, write } from './terminal.ts';
import type { Invocation } from './verb.ts';
import { applyJq, checkJq } from './wiring/apply-jq.ts';

/** Does the work of a call, and applies the expression of --jq to the JSON that it writes, where there is one. */
export async function filterOutput({ options }: Invocation, work: () => Promise<number>): Promise<number> {
  const { jq: expression, format, watch } = options;
  if (typeof expression !== 'string') return await work();
  if (format !== 'json' || watch === true) {
    await complain(`--jq works on JSON that ends: leave ${watch === true ? '--watch' : `--format ${format}`} out`);
    return EXIT.usage;
  }
  const checked = await checkJq(expression);
  if (!checked.ok) return await refuse(expression, checked.error);
  const { done, text } = await gatherStdout(work);
  if (text.trim() === '') return done;
  const filtered = await applyJq(expression, text);
  if (!filtered.ok) return await refuse(expression, filtered.error);
  await write(process.stdout, filtered.value);
  return done;
}

async function refuse(expression: string, why: string): Promise<number> {
  await complain(`--jq '${expression}': ${why}`);
  return EXIT.usage;
}
