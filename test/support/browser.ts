/** A real Chromium without a window. */
import { type Browser, chromium, type Page } from 'playwright-core';
import { until } from './until.ts';

export async function startBrowser(): Promise<Browser> {
  const executablePath = process.env['ATTUNE_TEST_CHROMIUM'] ?? Bun.which('chromium') ?? Bun.which('google-chrome');
  if (executablePath === null)
    throw new Error('no Chromium: sudo apt-get install -y chromium, or set ATTUNE_TEST_CHROMIUM to its path');
  return await chromium.launch({
    executablePath,
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-dev-shm-usage'],
  });
}

/**
 * Waits until an expression is true in a page. The `waitForFunction` of Playwright asks by `eval` within the page, which its
 * policy forbids: what is not true at once would be an error.
 */
export async function isTrueOf(page: Page, expression: string): Promise<void> {
  await until(expression, async () => (await page.evaluate<unknown>(expression)) === true);
}
