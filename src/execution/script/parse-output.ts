import { isUtf8 } from 'node:buffer';
import type { OutputFormat } from '#domain/action.ts';
import { failure, type Result, success } from '#domain/result.ts';
import { flawOfShape, parseJson, parseJsonBytes } from '#formats/json.ts';
import { MOST_VALUES } from '#formats/size.ts';
import { parseYaml } from '#formats/yaml.ts';
import { lastLineOf } from './last-line.ts';

/**
 * Parses what an action printed as data; `undefined` if it printed nothing, or its format is text. The error is a
 * sentence.
 */
export function parseOutput(stdout: Uint8Array, format: OutputFormat): Result<unknown, string> {
  const text = new TextDecoder().decode(stdout).trim();
  if (text === '') return success(undefined);
  switch (format) {
    case 'text':
      return success(undefined);
    case 'json': {
      /* All of it, else its last line: chatty actions print their result last. */
      const whole = parseJsonBytes(stdout);
      if (whole.ok) return whole;
      const line = lastLineOf(stdout);
      const last = line && parseJsonBytes(line);
      return last?.ok ? last : not(format, whole.error);
    }
    case 'yaml': {
      const parsed = parseYaml(stdout);
      return parsed.ok ? parsed : not(format, parsed.error);
    }
    case 'jsonl':
      return isUtf8(stdout) ? parseLines(text) : not(format, 'not UTF-8');
  }
}

function parseLines(text: string): Result<unknown, string> {
  const values: unknown[] = [];
  const flaw = flawOfShape(text);
  if (flaw !== undefined) return not('jsonl', flaw);
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    if (values.length === MOST_VALUES) return not('jsonl', `it has more than ${MOST_VALUES} lines`);
    const parsed = parseJson(line);
    if (!parsed.ok) return not('jsonl', `line ${index + 1}: ${parsed.error}`);
    values.push(parsed.value);
  }
  return success(values);
}

function not(format: OutputFormat, why: string): Result<never, string> {
  return failure(`its output is not ${format} that can be kept: ${why}`);
}
