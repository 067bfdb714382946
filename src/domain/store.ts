import type { AdminStore } from './admin-store.ts';
import type { AgentStore, ScopedStore } from './agent-store.ts';
import type { ClientStore } from './client-store.ts';
import type { OutboxMessage } from './messages.ts';
import type { OperatorStore } from './operator-store.ts';
import type { RetentionStore } from './retention-store.ts';
import type { ScheduleStore } from './schedule-store.ts';
import type { TimetableStore } from './timetable-store.ts';
import type { DeliveryStore, WebhookStore } from './webhook-store.ts';

/**
 * A store, whose every method rejects with Unavailable when the database cannot be reached, and can then be called
 * again: what had taken effect does not take effect twice. Any other rejection is a defect or a row that the database
 * refuses. Messages that a method returns stand in the outbox; who has published them says so with `forget`.
 */
export interface Store extends WorkerStore, ControlStore, AsyncDisposable {
  /**
   * The methods for the workers of one owner; any other worker is to him as one whose name another process has taken.
   */
  scopedTo(owner: string): ScopedStore;
}

/** The part of a store that workers and the scheduler need. */
export interface WorkerStore
  extends AgentStore,
    OutboxStore,
    ScheduleStore,
    TimetableStore,
    RetentionStore,
    DeliveryStore {}

/** The part of a store that the API needs. */
export interface ControlStore extends ClientStore, AdminStore, OperatorStore, WebhookStore {}

export interface OutboxStore {
  /**
   * Takes what has waited longer than `olderThanMs`, its publisher being gone; oldest first. Nobody else is given these
   * messages for `leaseMs`.
   */
  unpublished(limit: number, olderThanMs: number, leaseMs: number): Promise<readonly OutboxMessage[]>;
  forget(outboxIds: readonly string[]): Promise<void>;
}
