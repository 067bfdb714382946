import { useEffect, useRef, useState } from 'preact/hooks';
import { messageOf } from '#domain/errors.ts';
import { Trouble } from './parts.tsx';
import { Tree } from './tree.tsx';

/** What is larger is only downloaded. Images cost a browser little. */
const MOST_BYTES = 512 * 1024;
const MOST_BYTES_OF_IMAGE = 8 * 1024 * 1024;
const IMAGES: Readonly<Record<string, string>> = { png: 'png', jpg: 'jpeg', jpeg: 'jpeg', gif: 'gif', webp: 'webp' };
const TEXTS = /^(txt|log|ya?ml|xml|toml|ini|py|js|ts|sh|sql|svg|rb|go|rs|c|h|java|css|diff|patch)$/;

type Kind = 'image' | 'html' | 'markdown' | 'table' | 'json' | 'text';

/** How a file of this name is shown; undefined: it is only downloaded. */
export function kindOf(name: string, bytes: number): Kind | undefined {
  const end = endOf(name);
  if (IMAGES[end] !== undefined) return bytes > MOST_BYTES_OF_IMAGE ? undefined : 'image';
  if (bytes > MOST_BYTES) return undefined;
  if (/^x?html?$/.test(end)) return 'html';
  if (/^(md|markdown)$/.test(end)) return 'markdown';
  if (/^(csv|tsv)$/.test(end)) return 'table';
  if (end === 'json') return 'json';
  return TEXTS.test(end) ? 'text' : undefined;
}

function endOf(name: string): string {
  return name.split('.').at(-1)?.toLowerCase() ?? '';
}

interface PreviewProps {
  readonly name: string;
  readonly kind: Kind;
  readonly file: Blob;
}

interface Ready {
  readonly text: string;
  readonly html?: string;
  readonly rows?: readonly (readonly string[])[];
  readonly image?: string;
}

/** A file as what it is. Nothing of it runs, and nothing of it becomes a part of this page but text. */
export function Preview({ name, kind, file }: PreviewProps) {
  const [ready, setReady] = useState<Ready>();
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    prepare({ name, kind, file }).then(setReady, (error: unknown) => setProblem(messageOf(error)));
  }, [name, kind, file]);
  if (problem !== undefined) return <Trouble problem={problem} />;
  if (!ready) return <p>…</p>;
  if (ready.image !== undefined) return <img src={ready.image} alt={name} />;
  if (ready.html !== undefined) return <Frame title={name} html={ready.html} />;
  if (ready.rows !== undefined) return <Table name={name} rows={ready.rows} />;
  return kind === 'json' ? <Json name={name} text={ready.text} /> : <Text text={ready.text} />;
}

async function prepare({ name, kind, file }: PreviewProps): Promise<Ready> {
  if (kind === 'image') return { text: '', image: await dataUrlOf(file, `image/${IMAGES[endOf(name)]}`) };
  const text = await file.text();
  if (kind === 'html') return { text, html: text };
  if (kind === 'markdown') return { text, html: `${MARKDOWN_LOOKS}${(await loadPreviews()).htmlOfMarkdown(text)}` };
  if (kind === 'table') return { text, rows: (await loadPreviews()).rowsOf(text, MOST_ROWS + 1) };
  return { text };
}

/** Loaded when it is needed, from beside this script. */
async function loadPreviews(): Promise<typeof import('./preview.ts')> {
  return await import(new URL('assets/preview.js', document.baseURI).href);
}

const MARKDOWN_LOOKS = `<style>
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif }
body { margin: 0.75rem 1rem; color: light-dark(#1c2024, #e6e8eb); background: light-dark(#ffffff, #1a1e22) }
a { color: light-dark(#0b5cad, #6cb2ff) } img { max-width: 100% }
pre, code { font: 13px/1.5 ui-monospace, monospace; background: light-dark(#eef1f4, #0b0d0f) } pre { padding: 0.5rem; overflow: auto }
table { border-collapse: collapse } th, td { padding: 0.2rem 0.6rem; border: 1px solid light-dark(#d9dde1, #32383e) }
</style>`;

/** HTML in a frame with an origin of its own, whose policy lets styles and images in it through, and no script and no request. */
function Frame({ title, html }: { readonly title: string; readonly html: string }) {
  const frame = useRef<HTMLIFrameElement>(null);
  return (
    <iframe
      ref={frame}
      class="frame"
      title={title}
      sandbox="allow-scripts"
      src="assets/frame.html"
      onLoad={() => frame.current?.contentWindow?.postMessage(html, '*')}
    />
  );
}

const MOST_ROWS = 500;

function Table({ name, rows }: { readonly name: string; readonly rows: readonly (readonly string[])[] }) {
  const [head = [], ...body] = rows;
  return (
    /* biome-ignore lint/a11y/noNoninteractiveTabindex: a keyboard scrolls it */
    <section class="sheet" tabIndex={0} aria-label={name}>
      <table class="dense plain">
        <thead>
          <tr>
            {head.map((cell, n) => (
              <th key={n} scope="col">
                {cell}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {body.slice(0, MOST_ROWS).map((row, n) => (
            <tr key={n}>
              {row.map((cell, m) => (
                <td key={m}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {body.length >= MOST_ROWS && <p>The first {MOST_ROWS} rows are shown.</p>}
    </section>
  );
}

function Json({ name, text }: { readonly name: string; readonly text: string }) {
  try {
    const value: unknown = JSON.parse(text);
    return (
      /* biome-ignore lint/a11y/noNoninteractiveTabindex: a keyboard scrolls it */
      <section class="tree" tabIndex={0} aria-label={name}>
        <Tree value={value} />
      </section>
    );
  } catch {
    return <Text text={text} />;
  }
}

/** What a file has in it, as text: nothing of it becomes markup. */
function Text({ text }: { readonly text: string }) {
  /* biome-ignore lint/a11y/noNoninteractiveTabindex: a keyboard scrolls it */
  return <pre tabIndex={0}>{text}</pre>;
}

function dataUrlOf(blob: Blob, type: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const reader = new FileReader();
  reader.onload = () => resolve(String(reader.result));
  reader.onerror = () => reject(reader.error);
  reader.readAsDataURL(new Blob([blob], { type }));
  return promise;
}
