import { isRecord } from '#domain/record.ts';
import { flawOfShape, parseJson } from '#formats/json.ts';
import { expectAtMost } from './read-manifest.ts';

const MOST_KIB = 2048;

/** Reads a manifest that is JSON, as the tools that use it do: the last of two equal keys counts. Throws a sentence. */
export function readManifestJson(text: string): Readonly<Record<string, unknown>> {
  const manifest = parsed(text.replace(/^\ufeff/, ''));
  if (!isRecord(manifest)) throw new Error('expected an object');
  return manifest;
}

function parsed(text: string): unknown {
  expectAtMost(text.length, MOST_KIB);
  const flaw = flawOfShape(text);
  if (flaw !== undefined) throw new Error(flaw);
  try {
    return JSON.parse(text);
  } catch (cause) {
    const said = parseJson(text);
    throw new Error(said.ok ? 'expected JSON' : said.error, { cause });
  }
}
