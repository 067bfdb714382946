import { expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TAINT_EFFECTS } from '#domain/worker.ts';

test('the Helm chart accepts the effects of taints that a worker knows', () => {
  const path = join(import.meta.dir, '../../../charts/attune-agent/values.schema.json');
  const { definitions } = JSON.parse(readFileSync(path, 'utf8'));
  expect(definitions.taint.properties.effect.enum).toEqual([...TAINT_EFFECTS]);
});
