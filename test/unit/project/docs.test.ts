import { expect, test } from 'bun:test';
import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { generatedPages } from '#ci/docs.ts';
import { allSettings, isNamed, sectionsOf } from '#ci/docs-settings.ts';
import { allVerbs } from '#ci/docs-verbs.ts';

test('the references in docs/ say what the code says; else make docs writes them', async () => {
  for (const [path, text] of Object.entries(await generatedPages())) {
    const written = existsSync(path) ? readFileSync(path, 'utf8') : '';
    expect([basename(path), written === text]).toEqual([basename(path), true]);
  }
});

test('every link from one reference to the other, and within one, leads to a heading', async () => {
  const pages = Object.entries(await generatedPages()).map(([path, text]) => [basename(path), text] as const);
  const anchors = pages.flatMap(([name, text]) =>
    [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => `${name}#${fragmentOf(heading)}`),
  );
  const links = pages.flatMap(([name, text]) =>
    [...text.matchAll(/\]\(([^)#]*)#([^)]+)\)/g)].map(([, page, fragment]) => `${page || name}#${fragment}`),
  );
  expect(links.length).toBeGreaterThan(200);
  expect([...new Set(links)].filter((one) => !anchors.includes(one))).toEqual([]);
});

/** As GitHub makes it of a heading. */
function fragmentOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');
}

test('every setting and section has a sentence, and some verb uses it', async () => {
  const verbs = await allVerbs();
  expect(allSettings().length).toBeGreaterThan(50);
  for (const one of allSettings()) {
    expect([one.name, one.description]).toEqual([one.name, expect.stringMatching(/^[A-Z].*[^.]$/)]);
    expect([one.name, verbs.some(({ verb }) => isNamed(one, verb?.settings))]).toEqual([one.name, true]);
  }
  for (const { name, description } of sectionsOf())
    expect([name, description]).toEqual([name, expect.stringMatching(/^[A-Z].*\.$/)]);
});

test('what verbs say of settings fits the schema: names, and the defaults of their options', async () => {
  const settings = allSettings();
  for (const { name: verbName, verb } of await allVerbs()) {
    for (const used of verb?.settings ?? [])
      expect([verbName, used, settings.some((one) => isNamed(one, [used]))]).toEqual([verbName, used, true]);
    for (const { setting, fallback } of Object.values(verb?.options ?? {})) {
      if (setting === undefined) continue;
      const found = settings.find(({ name }) => name === setting);
      expect([verbName, setting, found !== undefined]).toEqual([verbName, setting, true]);
      expect([verbName, setting, isNamed({ name: setting, initial: undefined }, verb?.settings)]).toEqual([
        verbName,
        setting,
        true,
      ]);
      /* health asks for the agent that runs, whatever its name is. */
      if (found?.initial !== undefined && verbName !== 'health')
        expect([setting, fallback]).toEqual([setting, String(found.initial)]);
    }
  }
});
