import type { ExecutionId } from './ids.ts';
import type { Messages } from './messages.ts';

/** The key by which a requester says that two requests are one. */
export interface IdempotencyKey {
  /** Keys of one owner do not meet those of another. */
  readonly owner: string;
  readonly key: string;
  /** A hash of the request: the same key with another request is refused. */
  readonly requestHash: string;
  /** True: nothing new is requested. */
  readonly isFull?: boolean;
}

/** What has become of a request with a key. */
export type RequestedOnce =
  | (Messages & { readonly kind: 'requested'; readonly execution: ExecutionId })
  | { readonly kind: 'repeated'; readonly execution: ExecutionId }
  | { readonly kind: 'other-request' | 'no-action' | 'full' };
