/** A collector of OpenTelemetry: Rotel, which writes each span that it takes. `.ci/install-test-tools.sh` installs it. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { projectRoot } from './project.ts';
import { until } from './until.ts';

const program = join(projectRoot, '.tools/python/rotel/rotel-agent');

/** Why no collector can be had here; undefined: it can. */
export const whyNoCollector = existsSync(program) ? undefined : 'needs Rotel: .ci/install-test-tools.sh';

export interface CollectedSpan {
  readonly service: string;
  readonly trace: string;
  readonly id: string;
  readonly parent: string;
  readonly name: string;
  readonly kind: string;
  /** All that was said of it. */
  readonly text: string;
}

interface Collector extends AsyncDisposable {
  /** For OTLP over HTTP. */
  readonly url: string;
  spans(): readonly CollectedSpan[];
}

/** Starts a collector on loopback, which writes into the file. */
export async function startCollector(file: string): Promise<Collector> {
  const [http, grpc] = [`127.0.0.1:${freePort()}`, `127.0.0.1:${freePort()}`];
  const where = ['--otlp-http-endpoint', http, '--otlp-grpc-endpoint', grpc, '--exporter', 'blackhole'];
  const said = Bun.file(file);
  const child = Bun.spawn([program, 'start', ...where, '--debug-log', 'traces', '--debug-log-verbosity', 'detailed'], {
    env: { PATH: '/usr/bin:/bin' },
    ...{ stdin: 'ignore', stdout: said, stderr: said },
  });
  const url = `http://${http}`;
  const isUp = (): Promise<boolean> =>
    fetch(url).then(
      () => true,
      () => false,
    );
  await until('the collector answers', isUp);
  return {
    url,
    spans: () => readFileSync(file, 'utf8').split('ResourceSpans #').flatMap(spansOf),
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await child.exited;
    },
  };
}

function spansOf(text: string): readonly CollectedSpan[] {
  const [head = '', ...spans] = text.split(/^Span #\d+$/m);
  const service = /service\.name: Str\((.*)\)/.exec(head)?.[1] ?? '';
  const of = (span: string, label: string): string => new RegExp(`^ *${label} *: *(\\S.*)$`, 'm').exec(span)?.[1] ?? '';
  return spans.map((span) => ({
    service,
    trace: of(span, 'Trace ID'),
    id: of(span, 'ID'),
    parent: of(span, 'Parent ID'),
    name: of(span, 'Name'),
    kind: of(span, 'Kind'),
    text: span,
  }));
}
