import type { PackEnvironmentView } from '#domain/client-store.ts';
import { iso } from './execution-row.ts';

/** A row of `pack_environment` as both databases select it. */
export interface PackEnvironmentViewRow {
  readonly env_key: string;
  readonly pack_ref: string;
  readonly runtime_ref: string;
  readonly status: PackEnvironmentView['status'];
  readonly install_error: string | null;
  readonly worker: string | null;
  readonly updated: Date | number;
}

/** The key of an environment in the ledger of its owner, as agent_ledger_key makes it. */
export function ledgerKey(owner: string, key: string): string {
  return `${owner}|${key}`;
}

export function readEnvironmentRow(row: PackEnvironmentViewRow): PackEnvironmentView {
  return {
    key: row.env_key.replace(/^(login|token):.*\|/, ''),
    packRef: row.pack_ref,
    runtimeRef: row.runtime_ref,
    status: row.status,
    installError: row.install_error ?? undefined,
    worker: row.worker ?? undefined,
    updated: iso(row.updated),
  };
}
