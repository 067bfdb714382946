import { useEffect, useState } from 'preact/hooks';
import { messageOf } from '#domain/errors.ts';
import type { Artifact } from '#wire/artifacts.ts';
import { get, send } from './api.ts';
import { useActing } from './hooks.ts';
import { Trouble } from './parts.tsx';
import { PlainTable } from './plain-table.tsx';
import { kindOf, Preview } from './preview-of.tsx';

/** The files that have come so far, newest first, and where the next of them begin. */
interface Listed {
  readonly all: readonly Artifact[];
  readonly next: string | null;
}

/** The files that an execution has made. */
export function Artifacts({ execution }: { readonly execution: number }) {
  const [{ all, next }, setListed] = useState<Listed>({ all: [], next: null });
  const { act, isBusy, problem, setProblem } = useActing();
  const load = act(async () => {
    const page = await get(`artifacts?execution=${execution}&limit=500${next === null ? '' : `&cursor=${next}`}`);
    setListed({ all: [...all, ...page.artifacts], next: page.next_cursor });
  });
  useEffect(() => void load(), [execution]);
  if (all.length === 0) return <Trouble problem={problem} />;
  return (
    <section aria-label="Artifacts">
      <h2>Artifacts</h2>
      <PlainTable label="Files" titles={['Name', 'Size', 'Version', 'SHA-256', 'File']}>
        {all.map((one) => (
          <ArtifactRow key={one.id} artifact={one} onProblem={setProblem} />
        ))}
      </PlainTable>
      {next !== null && (
        <p class="actions">
          The newest {all.length} files are shown.
          <button type="button" disabled={isBusy} onClick={load}>
            Show older files
          </button>
        </p>
      )}
      <Trouble problem={problem} />
    </section>
  );
}

interface RowProps {
  readonly artifact: Artifact;
  onProblem(problem: string): void;
}

function ArtifactRow({ artifact: { id, name, size_bytes: size, version, checksum }, onProblem }: RowProps) {
  const [preview, setPreview] = useState<Blob>();
  const kind = kindOf(name, size);
  const verb = preview ? 'Hide' : 'Show';
  const load = async (): Promise<Blob> => (await send(`artifacts/${id}/content`)).blob();
  const download = async (): Promise<void> => save(await load(), name.split('/').at(-1) ?? name);
  const toggle = async (): Promise<void> => setPreview(preview ? undefined : await load());
  const guarded = (work: () => Promise<void>) => () =>
    void work().catch((error: unknown) => onProblem(messageOf(error)));
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
          {kind !== undefined && (
            <button
              type="button"
              onClick={guarded(toggle)}
              aria-expanded={preview !== undefined}
              aria-label={`${verb} ${name}`}
            >
              {verb}
            </button>
          )}
        </td>
      </tr>
      {preview && kind !== undefined && (
        <tr>
          <td colSpan={5} class="preview">
            <Preview name={name} kind={kind} file={preview} />
          </td>
        </tr>
      )}
    </>
  );
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
