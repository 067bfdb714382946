/** The beginning of a text that others have written, with an ellipsis where some is left out: at most so many characters. */
export function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1).toWellFormed()}…`;
}
