import type { Registry } from 'prom-client';
import type { AdminStore } from '#domain/admin-store.ts';
import type { ArtifactStorage } from '#domain/artifact.ts';
import type { Broker } from '#domain/broker.ts';
import type { ClientStore } from '#domain/client-store.ts';
import type { Clock } from '#domain/clock.ts';
import type { IdentityProvider } from '#domain/identity.ts';
import type { DetailedLogger } from '#domain/logger.ts';
import type { OperatorStore } from '#domain/operator-store.ts';
import type { Relay } from '#domain/outbox-relay.ts';
import type { Store } from '#domain/store.ts';
import type { Tracer } from '#domain/tracing.ts';
import type { Trouble } from '#domain/trouble.ts';
import type { WebhookSender } from '#domain/webhook.ts';
import type { WebhookStore } from '#domain/webhook-store.ts';
import type { PackChecksum } from '#packs/archive.ts';
import type { InstalledPacks } from '#packs/installed-packs.ts';
import type { PackWork } from '#packs/pack-work.ts';
import type { PackProblem } from '#packs/read-yaml.ts';
import type { AgentFiles } from './agent-files.ts';
import type { Connections } from './connection-guard.ts';
import type { EndWaits } from './end-waits.ts';
import type { Grants } from './grants.ts';
import type { OpenStreams } from './open-streams.ts';
import type { EndWatch } from './watch-ends.ts';

/**
 * The dependencies of the API, of which each group of routes takes those that it needs. Nothing that matters is kept in
 * this process: any server may answer any request.
 */
export interface ApiDependencies {
  readonly store: ClientStore & AdminStore & OperatorStore & WebhookStore & Pick<Store, 'scopedTo'>;
  readonly broker: CountedBroker;
  readonly relay: Relay;
  readonly clock: Clock;
  /** What this process counts of itself, to which the API adds its own. */
  readonly ownMetrics: Registry;
  /** Takes the spans of requests. */
  readonly tracer: Tracer;
  /** For those who run this server. */
  readonly logger: DetailedLogger;
  readonly packs: ServedPacks;
  readonly files: ServedFiles;
  /** With whom people log in, and what that gives them; undefined: they log in with tokens alone. */
  readonly login: Login | undefined;
  /** Sends what webhooks are told. */
  readonly webhooks: WebhookSender;
  readonly connections: Connections;
  /** Aborts when this process was told to stop; it goes on answering for a while. */
  readonly leaving: AbortSignal;
  /** What else is wrong with this process: with the worker in it, where there is one. */
  troubles(): readonly Trouble[];
  /** Masks the secrets of this server in what it says of itself. */
  hideSecrets(text: string): string;
  readonly settings: ApiSettings;
}

/** What groups of routes share besides. */
export interface RouteDependencies extends ApiDependencies {
  readonly streams: OpenStreams;
  readonly ends: EndWaits;
  readonly watch: EndWatch;
}

export interface CountedBroker extends Broker {
  /** The number of times that the connection has come back. */
  reconnects(): number;
}

interface ServedPacks {
  /** The packs that are sent to the server. */
  readonly installed: InstalledPacks;
  /** The checksum of the archive that a pack's directory makes. */
  readonly checksum: PackChecksum;
  /** Checks parameters. */
  readonly work: Pick<PackWork, 'checkParameters'>;
  /** Called before an action is looked up: its pack may have changed on disk. */
  refresh(): Promise<void>;
  /** What could not be loaded of the packs of this server. */
  problems(): readonly PackProblem[];
}

interface Login {
  readonly provider: IdentityProvider;
  /** The claim whose values decide, and the scopes and packs that they give. */
  readonly claim: string;
  readonly grants: Grants;
  readonly sessionMs: number;
}

/** Files that the server keeps outside the database. */
interface ServedFiles {
  readonly agent: AgentFiles;
  /** The storage of artifacts; undefined if artifacts are not kept. */
  readonly artifacts: ArtifactStorage | undefined;
}

interface ApiSettings {
  readonly version: string;
  /** A worker that is silent for longer is shown as lost. */
  readonly leaseMs: number;
  /** An execution that no worker could run for so long is given up. */
  readonly scheduleTimeoutSeconds: number;
  /** Lets clients without a token of the API download the agent; undefined: only tokens of the API do. */
  readonly bootstrapToken: string | undefined;
  /** The address of this server as workers reach it; undefined if nobody has said it. */
  publicUrl(): string | undefined;
  /** True if the store can encrypt keys; else none can be stored. */
  readonly hasCipher: boolean;
  /** The largest number of bytes of one artifact. */
  readonly maxArtifactBytes: number;
  /** Requests of one token, or of one address without one, in a second; 0: no bound. */
  readonly requestsPerSecond: number;
  /** Executions of one token that have not ended; 0: no bound. */
  readonly mostUnfinished: number;
  /** The path below which a proxy serves this server; empty: the root. */
  readonly basePath: string;
  /** Origins of other pages whose scripts may call the API. */
  readonly corsOrigins: readonly string[];
  /** The tokens that may ask for callbacks at the end of what they request. */
  readonly callbacks: 'none' | 'admin' | 'unconfined' | 'all';
  /** Addresses and networks of the proxies whose X-Forwarded-For is believed. */
  readonly trustedProxies: readonly string[];
}
