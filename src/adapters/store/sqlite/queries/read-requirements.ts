import { readRequirements as readColumns } from '#adapters/store/requirements.ts';
import type { Sqlite } from '#adapters/store/sqlite/open.ts';
import type { Placed } from '#domain/operator-store.ts';
import type { Requirements } from '#domain/requirements.ts';
import { columnsOf, type RequirementTexts } from './waiting.ts';

export function readRequirements(
  { database }: Sqlite,
  of: Placed,
): Requirements | { readonly problem: string } | undefined {
  const [one, key] =
    'execution' in of
      ? [
          `SELECT action, action_ref, inline_runtime, inline_options, worker_selector, worker_tolerations,
            worker_affinity FROM execution WHERE id = ?`,
          of.execution,
        ]
      : [
          `SELECT id AS action, ref AS action_ref, NULL AS inline_runtime, NULL AS inline_options,
          NULL AS worker_selector, NULL AS worker_tolerations, NULL AS worker_affinity FROM action WHERE ref = ?`,
          of.actionRef,
        ];
  const row = database
    .query<RequirementTexts, [string]>(`
      SELECT e.action_ref, a.id IS NOT NULL OR e.inline_runtime IS NOT NULL AS has_action,
        e.inline_runtime IS NOT NULL AS is_inline, COALESCE(e.inline_runtime, r.name) AS runtime,
        COALESCE(e.inline_options->>'runtime_version', a.runtime_version_constraint) AS runtime_version_constraint,
        a.required_worker_runtimes AS required, COALESCE(e.worker_selector, a.worker_selector) AS selector,
        COALESCE(e.worker_tolerations, a.worker_tolerations) AS tolerations,
        COALESCE(e.worker_affinity, a.worker_affinity) AS affinity
      FROM (${one}) e LEFT JOIN action a ON a.id = e.action LEFT JOIN runtime r ON r.id = a.runtime`)
    .get(key);
  return row ? readColumns(columnsOf(row)) : undefined;
}
