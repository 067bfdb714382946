/** Here-documents: what they hold is data, and its line ends are the author's. */
const HERE_DOCUMENT = /<<-?\s*(["']?)([A-Za-z_]\w*)\1/;

/**
 * Finds the line, counted from 1, at which a shell script has an end of line of Windows (CRLF), which shells read as a
 * part of the command: half of such a script would run. Undefined if there is none outside of here-documents.
 */
export function findCarriageReturn(script: string): number | undefined {
  if (!script.includes('\r\n')) return undefined;
  let until: string | undefined;
  for (const [index, line] of script.split('\n').entries()) {
    if (until !== undefined) {
      if (line.replace(/\r$/, '').trim() === until) until = undefined;
      continue;
    }
    if (line.endsWith('\r')) return index + 1;
    until = HERE_DOCUMENT.exec(line)?.[2];
  }
  return undefined;
}
