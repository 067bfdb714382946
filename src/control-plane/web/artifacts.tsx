import { useEffect, useState } from 'preact/hooks';
import { messageOf } from '#domain/errors.ts';
import type { Artifact } from '#wire/artifacts.ts';
import { get, send } from './api.ts';
import { Trouble } from './parts.tsx';

/** The files that an execution has made. */
export function Artifacts({ execution }: { readonly execution: number }) {
  const [all, setAll] = useState<readonly Artifact[]>([]);
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    get(`artifacts?execution=${execution}`).then(
      ({ artifacts }) => setAll(artifacts),
      (error: unknown) => setProblem(messageOf(error)),
    );
  }, [execution]);
  if (all.length === 0) return <Trouble problem={problem} />;
  return (
    <section aria-label="Artifacts">
      <h2>Artifacts</h2>
      <table class="dense plain">
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Size</th>
            <th scope="col">Version</th>
            <th scope="col">SHA-256</th>
            <th scope="col">File</th>
          </tr>
        </thead>
        <tbody>
          {all.map((one) => (
            <ArtifactRow key={one.id} artifact={one} onProblem={setProblem} />
          ))}
        </tbody>
      </table>
      <Trouble problem={problem} />
    </section>
  );
}

/** What is larger is only downloaded. */
const MOST_PREVIEW_BYTES = 512 * 1024;
const IMAGES: Readonly<Record<string, string>> = { png: 'png', jpg: 'jpeg', jpeg: 'jpeg', gif: 'gif', webp: 'webp' };
const TEXTS = /\.(txt|log|md|markdown|json|csv|tsv|ya?ml|xml|html?|toml|ini|py|js|ts|sh|sql|svg)$/i;

interface RowProps {
  readonly artifact: Artifact;
  onProblem(problem: string): void;
}

function ArtifactRow({ artifact: { id, name, size_bytes: size, version, checksum }, onProblem }: RowProps) {
  const [preview, setPreview] = useState<{ readonly text?: string; readonly image?: string }>();
  const image = IMAGES[name.split('.').at(-1)?.toLowerCase() ?? ''];
  const load = async (): Promise<Blob> => (await send(`artifacts/${id}/content`)).blob();
  const download = async (): Promise<void> => save(await load(), name.split('/').at(-1) ?? name);
  const toggle = async (): Promise<void> => {
    if (preview) return setPreview(undefined);
    const blob = await load();
    setPreview(image ? { image: await dataUrlOf(blob, `image/${image}`) } : { text: await blob.text() });
  };
  const guarded = (work: () => Promise<void>) => () =>
    void work().catch((error: unknown) => onProblem(messageOf(error)));
  const canPreview = size <= MOST_PREVIEW_BYTES && (image !== undefined || TEXTS.test(name));
  return (
    <>
      <tr>
        <td class="action">{name}</td>
        <td>{describeBytes(size)}</td>
        <td>{version}</td>
        <td title={checksum}>
          <code>{checksum.slice(0, 12)}</code>
        </td>
        <td class="acts">
          <button type="button" onClick={guarded(download)} aria-label={`Download ${name}`}>
            Download
          </button>{' '}
          {canPreview && (
            <button
              type="button"
              onClick={guarded(toggle)}
              aria-expanded={preview !== undefined}
              aria-label={`Show ${name}`}
            >
              {preview ? 'Hide' : 'Show'}
            </button>
          )}
        </td>
      </tr>
      {preview && (
        <tr>
          <td colSpan={5} class="preview">
            {preview.image ? <img src={preview.image} alt={name} /> : <Text name={name} text={preview.text ?? ''} />}
          </td>
        </tr>
      )}
    </>
  );
}

/** What a file has in it, as text: nothing of it becomes markup. */
function Text({ name, text }: { readonly name: string; readonly text: string }) {
  const shown = name.endsWith('.json') ? indented(text) : text;
  /* biome-ignore lint/a11y/noNoninteractiveTabindex: a keyboard scrolls it */
  return <pre tabIndex={0}>{shown}</pre>;
}

function indented(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

async function dataUrlOf(blob: Blob, type: string): Promise<string> {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  return `data:${type};base64,${btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))}`;
}

/** Gives a file to the browser, which saves it. */
export function save(blob: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

/** A size in the largest unit that leaves a number above 1: `340 B`, `2.1 KiB`. */
function describeBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB'];
  const step = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  return `${step === 0 ? bytes : (bytes / 1024 ** step).toFixed(1)} ${units[step]}`;
}
