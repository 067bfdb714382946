import { messageOf } from '#domain/errors.ts';
import { failure, type Result, success } from '#domain/result.ts';

/** Frames what comes out, since the library trims it. */
const FRAME = '|';

/** Checks an expression of jq. The error says what is wrong with it. */
export async function checkJq(expression: string): Promise<Result<unknown, string>> {
  return await applyJq(expression, ' ');
}

/**
 * Applies an expression of jq to JSON and returns what comes out: texts as they are, everything else as compact JSON, each
 * with a newline. An error in the middle is an error of the whole: what came before it is not returned.
 */
export async function applyJq(expression: string, json: string): Promise<Result<string, string>> {
  const jq = await import('jq-wasm');
  const program = `[inputs | (\n${expression}\n)] | ("${FRAME}", .[], "${FRAME}")`;
  const { exitCode } = process;
  try {
    const framed = await jq.raw(json, program, ['--null-input', '--raw-output', '--compact-output']);
    return success(framed.slice(FRAME.length + 1, -FRAME.length));
  } catch (error) {
    return failure(explained(messageOf(error), expression));
  } finally {
    process.exitCode = exitCode ?? 0; /* the jq of this library sets the exit status of the whole process */
  }
}

/** The names that the parser of jq has for parts of an expression. */
const PARTS: Readonly<Record<string, string>> = {
  INVALID_CHARACTER: 'a character that cannot stand there',
  IDENT: 'a name',
  FIELD: 'a field',
  BINDING: 'a variable',
  LITERAL: 'a value',
  FORMAT: 'a format',
};

/** The first sentence of jq, without its name and the place in the program around the expression. */
function explained(message: string, expression: string): string {
  const [line = ''] = message.replace(/^Failed to execute raw query: /, '').split('\n');
  const at = Number(/, line (\d+):$/.exec(line)?.[1]);
  const said = line
    .replace(/^jq: error( \(at [^)]*\))?:? ?/, '')
    .replace(/( \(Unix shell quoting issues\?\))?( at <top-level>)?, line \d+:$/, '');
  if (said === 'break') return 'there is no more input';
  const [, found] = /^syntax error, unexpected (.*?)(, expecting .*)?$/.exec(said) ?? [];
  if (found === undefined) return said;
  const isAfterwards = at > expression.split('\n').length + 1; /* the expression begins in line 2 */
  if (isAfterwards || found === 'end of file') return 'syntax error: it ends too early';
  return `syntax error: ${found.startsWith('QQSTRING') ? 'the end of a text' : (PARTS[found] ?? found)} is not expected there`;
}
