/**
 * What a long log costs whoever looks at it: `bun test/bench/page-log.ts AGENT` opens logs of 100,000 and 1,000,000 lines in
 * a real Chromium, searches them and scrolls through them.
 */
import { join, resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { startBrowser } from '#test/support/browser.ts';
import { standalone } from '#test/support/standalone.ts';
import { temporaryDirectory } from '#test/support/temporary.ts';
import { until } from '#test/support/until.ts';

const FRAMES = 300;
const DEADLINE_MS = 600_000;
/** Notes the longest task of a page, from now on. */
const watchTasks = `globalThis.longestTask = 0;
new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) longestTask = Math.max(longestTask, duration);
}).observe({ type: 'longtask' });`;

const [, , agent = 'dist/attune-agent-x86_64'] = process.argv;
using directory = temporaryDirectory();
directory.file('packs/long/pack.yaml', 'ref: long\nversion: 1.0.0\n');
directory.file('packs/long/actions/lines.yaml', 'entry_point: lines.sh\ntimeout_seconds: 600\n');
directory.file('packs/long/actions/lines.sh', 'seq "$(tr -dc 0-9)"');
await using whole = await standalone(
  join(directory.path, 'data'),
  { ATTUNE_PACKS_DIR: join(directory.path, 'packs') },
  { wrap: (args) => [resolve(agent), ...args] },
);
const browser = await startBrowser();
try {
  for (const lines of [100_000, 1_000_000]) await measure(lines);
} finally {
  await browser.close();
}

async function measure(lines: number): Promise<void> {
  const body = JSON.stringify({ action_ref: 'long.lines', parameters: { lines } });
  const { id } = (await (await whole.api('executions', { method: 'POST', body })).json()) as { id: number };
  await until(
    'it has ended',
    async () => ((await (await whole.api(`executions/${id}`)).json()) as { status: string }).status === 'completed',
    DEADLINE_MS,
  );
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  page.setDefaultTimeout(DEADLINE_MS);
  await page.goto(`${whole.url}/#token=${whole.token}`);
  await page.getByRole('heading', { name: 'Executions' }).waitFor();
  await page.evaluate(watchTasks);
  const client = await page.context().newCDPSession(page);
  /* Time of the processor, so that the load of the machine does not count. */
  await client.send('Performance.enable', { timeDomain: 'threadTicks' });
  const before = await costOf();
  const begun = performance.now();
  await page.goto(`${whole.url}/#/executions/${id}`);
  await page.getByText(`${lines} lines`).waitFor();
  const loadedMs = performance.now() - begun;
  const search = page.getByLabel('Search the log');
  await search.fill(String(lines - 1));
  await search.press('Enter');
  await page.getByText(/^1 of 1$/).waitFor();
  const searchableMs = performance.now() - begun;
  const after = await costOf();
  const longest = await page.evaluate<number>('longestTask');
  const frames = await scroll(page);
  const scrolled = await costOf();
  const figures = {
    lines,
    loaded_ms: Math.round(loadedMs),
    searchable_ms: Math.round(searchableMs),
    cpu_ms: Math.round((after.script - before.script) * 1000),
    heap_mb: Math.round(after.heap / 1e6),
    /* Less than 50 ms is not told of. */
    task_ms_longest: Math.round(longest),
    rows_in_document: await page.locator('.line').count(),
    ...frames,
    frame_cpu_ms: Math.round(((scrolled.script - after.script) * 10_000) / FRAMES) / 10,
  };
  process.stdout.write(`${JSON.stringify(figures)}\n`);
  await page.close();

  async function costOf() {
    const { metrics } = await client.send('Performance.getMetrics');
    const of = (name: string): number => metrics.find((one) => one.name === name)?.value ?? 0;
    return { script: of('TaskDuration'), heap: of('JSHeapUsedSize') };
  }
}

/** Scrolls through all of a log, and measures the frames: the pause between two, and the work that each takes. */
async function scroll(page: Page) {
  const pauses = await page.getByRole('log').evaluate(async (element, frames) => {
    const times: number[] = [];
    let last = performance.now();
    for (let part = 0; part <= frames; part++) {
      element.scrollTo(0, (element.scrollHeight * part) / frames);
      await new Promise((resolve) => element.ownerDocument.defaultView?.requestAnimationFrame(resolve));
      times.push(performance.now() - last);
      last = performance.now();
    }
    return times;
  }, FRAMES);
  const sorted = pauses.toSorted((a, b) => a - b);
  const at = (share: number): number => Math.round(sorted[Math.floor((sorted.length - 1) * share)] ?? 0);
  return { frame_ms_p50: at(0.5), frame_ms_p95: at(0.95), frame_ms_longest: at(1) };
}
