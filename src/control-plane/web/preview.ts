import DOMPurify from 'dompurify';
import { parse as parseMarkdown } from 'marked';
import { parse as parseTable } from 'papaparse';

/* Whatever shows files that an action has left, loaded when the first of them is shown. */

/** Markdown as HTML in which nothing runs. */
export function htmlOfMarkdown(text: string): string {
  return DOMPurify.sanitize(parseMarkdown(text, { async: false }));
}

/** The first rows of a table of values that are separated by commas, tabs or semicolons. */
export function rowsOf(text: string, most: number): readonly (readonly string[])[] {
  return parseTable<string[]>(text, { preview: most, skipEmptyLines: true }).data;
}
