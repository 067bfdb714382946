import type { RuntimeFamily } from '#domain/runtime.ts';

/** A family that no machine has, so that only what a test puts there is found. */
export function zebra(more: Partial<RuntimeFamily> = {}): RuntimeFamily {
  const script = { extensions: ['.zebra'], command: ['{interpreter}', '{file}'] };
  return {
    name: 'zebra',
    aliases: [],
    binaries: ['zebra3', 'zebra'],
    probes: [{ args: ['--version'] }],
    script,
    smoke: '',
    ...more,
  };
}
