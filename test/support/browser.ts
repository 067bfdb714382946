/** A real Chromium without a window. */
import { type Browser, chromium } from 'playwright-core';

export async function startBrowser(): Promise<Browser> {
  const executablePath = process.env['ATTUNE_TEST_CHROMIUM'] ?? Bun.which('chromium') ?? Bun.which('google-chrome');
  if (executablePath === null)
    throw new Error('no Chromium: sudo apt-get install -y chromium, or set ATTUNE_TEST_CHROMIUM to its path');
  return await chromium.launch({
    executablePath,
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-dev-shm-usage'],
  });
}
