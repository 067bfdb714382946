/** Stands in output wherever a secret stood. */
export const MASK = '***';

/** Stands for the whole of a secret value where a setting or a result is shown. */
export const HIDDEN_VALUE = '********';
