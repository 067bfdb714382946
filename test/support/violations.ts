/** What axe finds wrong with a page of a browser. */
import axe, { type AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

/** The rule of WCAG 2.2 that axe leaves out unless somebody asks for it: what can be pressed has 24 pixels, or room around it. */
const OPTIONS = JSON.stringify({ resultTypes: ['violations'], rules: { 'target-size': { enabled: true } } });

/**
 * Finds what a page violates of WCAG 2.2 AA and of axe's own best practices, each rule with the elements concerned; of a part
 * that a library draws nothing is said.
 */
export async function violationsOf(page: Page, drawnByLibrary?: string): Promise<readonly string[]> {
  if (!(await page.evaluate('"axe" in globalThis'))) await page.evaluate(axe.source);
  const context = JSON.stringify({ exclude: drawnByLibrary === undefined ? [] : [drawnByLibrary] });
  const { violations } = (await page.evaluate(`axe.run(${context}, ${OPTIONS})`)) as AxeResults;
  return violations.map((one) => `${one.id} ${one.nodes.map((node) => node.html.slice(0, 200)).join(' | ')}`);
}
