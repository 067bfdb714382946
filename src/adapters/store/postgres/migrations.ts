import attune from './migrations/0001-attune.sql' with { type: 'text' };
import durability from './migrations/0002-durability.sql' with { type: 'text' };
import scheduling from './migrations/0003-scheduling.sql' with { type: 'text' };
import controlPlane from './migrations/0004-control-plane.sql' with { type: 'text' };
import environments from './migrations/0005-environments.sql' with { type: 'text' };
import ephemeralWorkers from './migrations/0006-ephemeral-workers.sql' with { type: 'text' };
import audit from './migrations/0007-audit.sql' with { type: 'text' };
import leastPrivilege from './migrations/0008-least-privilege.sql' with { type: 'text' };
import functions from './migrations/0009-functions.sql' with { type: 'text' };
import leasesOfMessages from './migrations/0010-leases-of-messages.sql' with { type: 'text' };
import requesters from './migrations/0011-requesters.sql' with { type: 'text' };
import avoidedWorkers from './migrations/0012-avoided-workers.sql' with { type: 'text' };
import tokenOwners from './migrations/0013-token-owners.sql' with { type: 'text' };
import requestVariables from './migrations/0014-request-variables.sql' with { type: 'text' };
import locks from './migrations/0015-locks.sql' with { type: 'text' };
import encryptionSalt from './migrations/0016-encryption-salt.sql' with { type: 'text' };
import lanes from './migrations/0017-lanes.sql' with { type: 'text' };
import settings from './migrations/0018-settings.sql' with { type: 'text' };
import growth from './migrations/0019-growth.sql' with { type: 'text' };
import history from './migrations/0020-history.sql' with { type: 'text' };
import ended from './migrations/0021-ended.sql' with { type: 'text' };
import lists from './migrations/0022-lists.sql' with { type: 'text' };
import fewerWrites from './migrations/0023-fewer-writes.sql' with { type: 'text' };
import secretParameters from './migrations/0024-secret-parameters.sql' with { type: 'text' };
import parents from './migrations/0025-parents.sql' with { type: 'text' };
import timelines from './migrations/0026-timelines.sql' with { type: 'text' };
import origins from './migrations/0027-origins.sql' with { type: 'text' };
import fewerEntries from './migrations/0028-fewer-entries.sql' with { type: 'text' };
import schedules from './migrations/0029-schedules.sql' with { type: 'text' };
import retention from './migrations/0030-retention.sql' with { type: 'text' };
import confinedTokens from './migrations/0031-confined-tokens.sql' with { type: 'text' };
import secretSchedules from './migrations/0032-secret-schedules.sql' with { type: 'text' };
import workerLeases from './migrations/0033-worker-leases.sql' with { type: 'text' };
import webhooks from './migrations/0034-webhooks.sql' with { type: 'text' };
import webhookMessages from './migrations/0035-webhook-messages.sql' with { type: 'text' };
import durationsOfAttempts from './migrations/0036-durations-of-attempts.sql' with { type: 'text' };
import updatesInPlace from './migrations/0037-updates-in-place.sql' with { type: 'text' };

export interface Migration {
  /** The place of the migration in the order, which also identifies it. */
  readonly number: number;
  readonly name: string;
  readonly sql: string;
}

/** The migrations in order. A released one is never edited; the next number corrects it. */
export const migrations: readonly Migration[] = [
  { number: 1, name: 'attune', sql: attune },
  { number: 2, name: 'durability', sql: durability },
  { number: 3, name: 'scheduling', sql: scheduling },
  { number: 4, name: 'control-plane', sql: controlPlane },
  { number: 5, name: 'environments', sql: environments },
  { number: 6, name: 'ephemeral-workers', sql: ephemeralWorkers },
  { number: 7, name: 'audit', sql: audit },
  { number: 8, name: 'least-privilege', sql: leastPrivilege },
  { number: 9, name: 'functions', sql: functions },
  { number: 10, name: 'leases-of-messages', sql: leasesOfMessages },
  { number: 11, name: 'requesters', sql: requesters },
  { number: 12, name: 'avoided-workers', sql: avoidedWorkers },
  { number: 13, name: 'token-owners', sql: tokenOwners },
  { number: 14, name: 'request-variables', sql: requestVariables },
  { number: 15, name: 'locks', sql: locks },
  { number: 16, name: 'encryption-salt', sql: encryptionSalt },
  { number: 17, name: 'lanes', sql: lanes },
  { number: 18, name: 'settings', sql: settings },
  { number: 19, name: 'growth', sql: growth },
  { number: 20, name: 'history', sql: history },
  { number: 21, name: 'ended', sql: ended },
  { number: 22, name: 'lists', sql: lists },
  { number: 23, name: 'fewer-writes', sql: fewerWrites },
  { number: 24, name: 'secret-parameters', sql: secretParameters },
  { number: 25, name: 'parents', sql: parents },
  { number: 26, name: 'timelines', sql: timelines },
  { number: 27, name: 'origins', sql: origins },
  { number: 28, name: 'fewer-entries', sql: fewerEntries },
  { number: 29, name: 'schedules', sql: schedules },
  { number: 30, name: 'retention', sql: retention },
  { number: 31, name: 'confined-tokens', sql: confinedTokens },
  { number: 32, name: 'secret-schedules', sql: secretSchedules },
  { number: 33, name: 'worker-leases', sql: workerLeases },
  { number: 34, name: 'webhooks', sql: webhooks },
  { number: 35, name: 'webhook-messages', sql: webhookMessages },
  { number: 36, name: 'durations-of-attempts', sql: durationsOfAttempts },
  { number: 37, name: 'updates-in-place', sql: updatesInPlace },
];
