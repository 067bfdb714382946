/** The reason why a link cannot go on. The message names what was found and what was expected. */
export type LinkErrorCode =
  | 'not-elf'
  | 'truncated'
  | 'bad-address'
  | 'unmapped'
  | 'no-symbols'
  | 'wrong-machine'
  | 'unsupported-input'
  | 'unresolved-symbol'
  | 'interposed-symbol'
  | 'layout'
  | 'missing-tool'
  | 'tool-failed'
  | 'verification';

export class LinkError extends Error {
  readonly code: LinkErrorCode;

  constructor(code: LinkErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'LinkError';
    this.code = code;
  }
}
