import { expect, test } from 'bun:test';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { verbs } from '#cli/verbs.ts';
import { projectRoot } from '#test/support/project.ts';

/** What speaks to people: the program and its page, the documents, the chart, the images. */
const places = ['src', 'docs', 'charts', 'docker', 'clients/typescript', '.devcontainer'];
const foreign = ['node_modules', 'dist'];

function filesBelow(directory: string): readonly string[] {
  return readdirSync(join(projectRoot, directory), { withFileTypes: true }).flatMap((entry) => {
    const path = `${directory}/${entry.name}`;
    if (entry.isDirectory()) return foreign.includes(entry.name) ? [] : filesBelow(path);
    return /\.(?:tsx?|md|sh|ya?ml|tpl|txt|json|sql|1)$/.test(entry.name) ? [path] : [];
  });
}

const files = [...places.flatMap(filesBelow), 'README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'Makefile'];

/** Words that follow the name of the program in a sentence about it, and the names that keys are derived by. */
const words =
  /^(?:adds|and|are|artifact|before|did|finds|for|had|has|is|it|key|lists|made|of|on|out|should|that|values|with|as|works)$/;

/** A call: by the name, by the path of a build, or as this shell finds it; `debian` is the image in `docker run`. */
const call =
  /(?<![\w.-])(?:attune-agent(?:-x86_64|-aarch64)?|\$\{invokedName\(\)\})(?: debian)? ([a-z_][\w-]*)(?![\w.:/=-])(?: ([a-z][a-z-]*)(?![\w.:/=-]))?/g;

/** Why a call cannot be; undefined: it can. */
function flawOf(verb: string, next: string | undefined): string | undefined {
  if (['help', 'man'].includes(verb) || words.test(verb)) return undefined;
  const found = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined;
  if (!found) return `there is no verb ${verb}`;
  if (!('verbs' in found) || next === undefined || words.test(next)) return undefined;
  return Object.hasOwn(found.verbs, next) ? undefined : `${verb} has no ${next}`;
}

test('every verb that the program, its page, its documents or its chart names is one', () => {
  const calls = files.flatMap((path) =>
    [...readFileSync(join(projectRoot, path), 'utf8').matchAll(call)].map(([text, verb = '', next]) => ({
      path,
      text,
      flaw: flawOf(verb, next),
    })),
  );
  expect(calls.filter(({ flaw }) => flaw !== undefined)).toEqual([]);
  expect(calls.length).toBeGreaterThan(300);
  expect([flawOf('packs', 'register'), flawOf('pack', 'list'), flawOf('packs', 'install')]).toEqual([
    'packs has no register',
    'there is no verb pack',
    undefined,
  ]);
});
