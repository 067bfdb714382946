/** Numbers of rows as decimal text; JSON messages carry them as numbers. */
export type ExecutionId = string & { readonly brand: 'ExecutionId' };
export type WorkerId = string & { readonly brand: 'WorkerId' };

/** Brands what a database or a checked message gave. */
export function executionId(value: string | number | bigint): ExecutionId {
  return String(value) as ExecutionId;
}

export function workerId(value: string | number | bigint): WorkerId {
  return String(value) as WorkerId;
}
