/** The alerts and the dashboard of the chart: what they ask for is there, and somebody says what to do. */
import { expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { parse } from 'yaml';
import { createMetrics } from '#control-plane/api/metrics.ts';
import { addExecutionMetrics } from '#metrics/execution-metrics.ts';
import { addProcessMetrics } from '#metrics/process-metrics.ts';
import { addSchedulingMetrics } from '#metrics/scheduling-metrics.ts';
import { createFakeClock } from '#test/support/fake-clock.ts';
import { projectRoot } from '#test/support/project.ts';
import { findPromtool, whyNoPromtool } from '#test/support/promtool.ts';
import { toolTest } from '#test/support/tool-test.ts';

const files = join(projectRoot, 'charts/attune-agent/files');
const read = (name: string): string => readFileSync(join(files, name), 'utf8');

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string };
}

const rules = (parse(read('alerts.yaml')) as { groups: readonly { rules: readonly Rule[] }[] }).groups.flatMap(
  (group) => group.rules,
);
const panels = (JSON.parse(read('dashboard.json')) as { panels: readonly { targets: readonly { expr: string }[] }[] })
  .panels;

/** The names of all metrics of servers and workers, with those of the series of histograms. */
async function metricNames(): Promise<ReadonlySet<string>> {
  const ownMetrics = new Registry();
  addProcessMetrics(ownMetrics, 'test');
  addExecutionMetrics(ownMetrics);
  addSchedulingMetrics(ownMetrics);
  const none = { executions: [], oldestWaitingSeconds: 0, newestClaimSeconds: [], newestRunSeconds: [] };
  const text = await createMetrics({
    clock: createFakeClock(10_000),
    store: {
      measure: async () => ({ ...none, unpublishedMessages: 0, deadLetters: 0, workers: 0, logBytes: 0 }),
      listWorkers: async () => [],
    },
    broker: { reconnects: () => 0, trouble: () => undefined },
    findTroubles: async () => [],
    ...{ ownMetrics, settings: { leaseMs: 1 } },
  } as never).render();
  const names = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].flatMap(([, name = '', kind]) =>
    kind === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
  );
  return new Set(names);
}

test('alerts and panels ask for metrics that there are', async () => {
  const names = await metricNames();
  const asked = [...rules.map((one) => one.expr), ...panels.flatMap((one) => one.targets.map((target) => target.expr))];
  for (const expr of asked) {
    const used = expr.match(/\b(attune|nodejs|process)_\w+/g) ?? [];
    expect([expr, used.length > 0, used.filter((name) => !names.has(name))]).toEqual([expr, true, []]);
  }
  expect(panels.length).toBeGreaterThan(10);
});

toolTest(whyNoPromtool)(
  'promtool finds nothing wrong with the alerts, and each fires when it should and only then',
  () => {
    const promtool = (...args: readonly string[]): readonly unknown[] => {
      const { exitCode, stdout, stderr } = Bun.spawnSync([findPromtool(), ...args], { cwd: projectRoot });
      return [exitCode, exitCode === 0 ? '' : `${stdout}${stderr}`];
    };
    expect(promtool('check', 'rules', '--lint-fatal', 'charts/attune-agent/files/alerts.yaml')).toEqual([0, '']);
    expect(promtool('test', 'rules', 'test/unit/project/alerts.promtool.yaml')).toEqual([0, '']);
  },
  120_000,
);

test('for each alert the document of operations says what to do, and the tests for promtool make it fire', () => {
  const document = readFileSync(join(projectRoot, 'docs/operations.md'), 'utf8');
  const trials = readFileSync(join(projectRoot, 'test/unit/project/alerts.promtool.yaml'), 'utf8');
  const documented = [...document.matchAll(/^\| `(Attune\w+)` \|/gm)].map(([, name = '']) => name);
  expect(documented).toEqual(rules.map((one) => one.alert));
  for (const { alert, labels, annotations } of rules) {
    expect([alert, trials.includes(`alertname="${alert}"`)]).toEqual([alert, true]);
    expect(['critical', 'warning']).toContain(labels.severity);
    expect(annotations.summary).toMatch(/\S/);
  }
});
