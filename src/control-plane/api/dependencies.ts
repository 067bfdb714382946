import type { AdminStore } from '#domain/admin-store.ts';
import type { ArtifactStorage } from '#domain/artifact.ts';
import type { Broker } from '#domain/broker.ts';
import type { ClientStore } from '#domain/client-store.ts';
import type { Clock } from '#domain/clock.ts';
import type { Logger } from '#domain/logger.ts';
import type { Relay } from '#domain/outbox-relay.ts';
import type { Store } from '#domain/store.ts';
import type { AgentFiles } from './agent-files.ts';

/** What the API works with. Nothing that matters is kept in this process: any server may answer any request. */
export interface ApiDependencies {
  readonly store: ClientStore & AdminStore & Pick<Store, 'scopedTo'>;
  readonly broker: Broker;
  readonly relay: Relay;
  readonly clock: Clock;
  readonly leaseMs: number;
  readonly version: string;
  /** Where uploaded packs go. */
  readonly packsDirectory: string;
  readonly agentFiles: AgentFiles;
  /** Of the download, for those who have no token of the API; undefined: only tokens of the API. */
  readonly bootstrapToken: string | undefined;
  /** Whether the store can encrypt keys; else none can be stored. */
  readonly hasCipher: boolean;
  readonly artifacts: { readonly storage: ArtifactStorage | undefined; readonly maxBytes: number };
  /** Of a directory that holds a pack. */
  packChecksum(directory: string): Promise<string>;
  /** Requests of one token, or of one address without one, in a second; 0: no bound. */
  readonly requestsPerSecond: number;
  /** Why the broker cannot be reached; undefined: it can. */
  brokerProblem(): string | undefined;
  /** How often it came back. */
  brokerReconnects(): number;
  /** For those who run this server. */
  readonly logger: Logger;
  /** Called before an action is looked up: it may have changed on disk. */
  refresh(): Promise<void>;
}
