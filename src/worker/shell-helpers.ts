import type { Parameters } from '#domain/action.ts';

/**
 * Puts parameters before the code of a shell script, as Attune's Rust control plane does where a runtime has
 * `inject_shell_helpers`: each as `PARAM_NAME` and as `name`, not exported.
 */
export function withShellHelpers(code: string, parameters: Parameters): string {
  const assignments = Object.entries(parameters).flatMap(([key, value]) => {
    const name = key.replace(/^\d|[^A-Za-z0-9_]/g, '_');
    return [`PARAM_${name.toUpperCase()}=${quoted(value)}`, `${name}=${quoted(value)}`];
  });
  return ['#!/bin/bash', 'set -e', ...assignments, '', code].join('\n');
}

function quoted(value: unknown): string {
  return `'${textOf(value).replaceAll("'", "'\\''")}'`;
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === null || value === undefined ? '' : JSON.stringify(value);
}
