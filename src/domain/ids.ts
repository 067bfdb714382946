/** The id of an execution: the number of its row as decimal text. JSON messages carry it as a number. */
export type ExecutionId = string & { readonly brand: 'ExecutionId' };
export type WorkerId = string & { readonly brand: 'WorkerId' };

/** Brands an id that a database or a checked message gave. */
export function executionId(value: string | number | bigint): ExecutionId {
  return String(value) as ExecutionId;
}

export function workerId(value: string | number | bigint): WorkerId {
  return String(value) as WorkerId;
}
