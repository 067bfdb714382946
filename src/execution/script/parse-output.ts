import { parse } from 'yaml';
import type { OutputFormat } from '#domain/action.ts';
import { messageOf } from '#domain/errors.ts';
import { failure, type Result, success } from '#domain/result.ts';

/** What an action printed, as data. `undefined`: it said nothing, or its format is text. The error is a sentence. */
export function parseOutput(stdout: Uint8Array, format: OutputFormat): Result<unknown, string> {
  const text = new TextDecoder().decode(stdout).trim();
  if (text === '') return success(undefined);
  switch (format) {
    case 'text':
      return success(undefined);
    case 'json': {
      /* All of it, else its last line: chatty actions print their result last. */
      const whole = attempt(format, () => JSON.parse(text));
      const last = whole.ok ? whole : attempt(format, () => JSON.parse(text.slice(text.lastIndexOf('\n') + 1)));
      return last.ok ? last : whole;
    }
    case 'yaml':
      return attempt(format, () => parse(text, { maxAliasCount: 100, logLevel: 'error' }));
    case 'jsonl': {
      const lines = text.split('\n').filter((line) => line.trim() !== '');
      return attempt(format, () => lines.map((line) => JSON.parse(line) as unknown));
    }
  }
}

function attempt(format: OutputFormat, read: () => unknown): Result<unknown, string> {
  try {
    return success(read());
  } catch (error) {
    return failure(`its output is not ${format}: ${messageOf(error)}`);
  }
}
