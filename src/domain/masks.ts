/** The text that replaces a secret in output. */
export const MASK = '***';

/** The text that replaces the whole of a secret value where a setting or a result is shown. */
export const HIDDEN_VALUE = '********';
