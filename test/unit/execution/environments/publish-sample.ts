import { utimesSync } from 'node:fs';
import { join } from 'node:path';
import { newDirectory, publish } from '#execution/environments/layout.ts';

export const HOUR_MS = 3_600_000;

interface Sample {
  readonly bytes: number;
  /** Hours since its last use. */
  readonly hoursAgo: number;
}

/** Publishes an empty environment NAME of the pack demo, whose note says that it has `bytes`. Returns its directory. */
export function publishSample(root: string, name: string, { bytes, hoursAgo }: Sample): string {
  const place = join(root, 'demo', name);
  const directory = newDirectory(place);
  const note = {
    key: `v/demo/${name}`,
    recipe: 'pip',
    pack: 'demo',
    packVersion: '1',
    runtime: 'python',
    built: '',
    bytes,
  };
  if (!publish(place, directory, note)) throw new Error(`${place} was there before`);
  const used = new Date(Date.now() - hoursAgo * HOUR_MS);
  utimesSync(join(directory, 'ready.json'), used, used);
  return directory;
}
