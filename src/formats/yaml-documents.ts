import { failure, type Result, success } from '#domain/result.ts';
import { describeYamlProblem, nearValueOfYaml, parseYamlDocument } from './yaml.ts';

/** Documents that a text may have. */
const MOST_DOCUMENTS = 1000;

/**
 * Reads the documents of a YAML text, each with the bounds of `parseYaml`; one without content is null. An error names the
 * line of the whole text.
 */
export function parseYamlDocuments(bytes: Uint8Array): Result<readonly unknown[], string> {
  /* As Latin-1 each byte stays one character. */
  const texts = Buffer.from(bytes)
    .toString('latin1')
    .split(/^(?=---(?:\s|$))/m);
  if (texts.length > MOST_DOCUMENTS) return failure(`more than ${MOST_DOCUMENTS} documents`);
  const values: unknown[] = [];
  let linesBefore = 0;
  for (const text of texts) {
    const value = valueIn(text, linesBefore);
    if (!value.ok) return value;
    values.push(value.value);
    linesBefore += text.split('\n').length - 1;
  }
  return success(values);
}

function valueIn(text: string, linesBefore: number): Result<unknown, string> {
  const parsed = parseYamlDocument(Buffer.from(text, 'latin1'));
  const flaw = parsed.ok ? parsed.value.lossyValues()[0] : parsed.error;
  if (parsed.ok && !flaw) return nearValueOfYaml(parsed.value.document);
  const { message = '', place } = flaw ?? {};
  return failure(
    describeYamlProblem({ message, place: place && { line: place.line + linesBefore, column: place.column } }),
  );
}
