import { useState } from 'preact/hooks';
import { isRecord } from '#domain/record.ts';

/** So many members of one object or list are shown until somebody asks for more. */
const STEP = 100;
const OPEN_DEPTH = 2;

interface TreeProps {
  readonly name?: string | undefined;
  readonly value: unknown;
  readonly depth?: number;
}

/** A value of JSON as a tree whose branches open and close. */
export function Tree({ name, value, depth = 0 }: TreeProps) {
  const members = Array.isArray(value)
    ? value.map((one, n) => [String(n), one] as const)
    : isRecord(value)
      ? Object.entries(value)
      : undefined;
  if (!members)
    return (
      <div class="leaf">
        <Name name={name} />
        <span class={`value of-${value === null ? 'null' : typeof value}`}>
          {typeof value === 'string' ? <Text text={value} /> : JSON.stringify(value)}
        </span>
      </div>
    );
  return <Branch name={name} members={members} depth={depth} isList={Array.isArray(value)} />;
}

/** So many characters of a text are drawn until somebody asks for all: a browser stands still over a megabyte. */
const MOST_DRAWN = 5000;

function Text({ text }: { readonly text: string }) {
  const [isWhole, setWhole] = useState(text.length <= MOST_DRAWN);
  if (isWhole) return <>{text}</>;
  return (
    <>
      {text.slice(0, MOST_DRAWN)}{' '}
      <button type="button" class="small" onClick={() => setWhole(true)}>
        {text.length - MOST_DRAWN} more characters
      </button>
    </>
  );
}

interface BranchProps {
  readonly name: string | undefined;
  readonly members: readonly (readonly [string, unknown])[];
  readonly depth: number;
  readonly isList: boolean;
}

function Branch({ name, members, depth, isList }: BranchProps) {
  const [isOpen, setOpen] = useState(depth < OPEN_DEPTH);
  const [most, setMost] = useState(STEP);
  const count = isList ? `[${members.length}]` : `{${members.length}}`;
  return (
    <details open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <Name name={name} /> <span class="count">{count}</span>
      </summary>
      {isOpen && (
        <div class="members">
          {members.slice(0, most).map(([key, one]) => (
            <Tree key={key} name={key} value={one} depth={depth + 1} />
          ))}
          {members.length > most && (
            <button type="button" onClick={() => setMost(most + STEP)}>
              {members.length - most} more
            </button>
          )}
        </div>
      )}
    </details>
  );
}

function Name({ name }: { readonly name: string | undefined }) {
  return name === undefined ? null : <span class="key">{name}: </span>;
}

/** A value as a tree of bounded height, with a button that copies it as JSON. */
export function Document({
  title,
  value,
  isOpen = false,
}: {
  readonly title: string;
  readonly value: unknown;
  readonly isOpen?: boolean;
}) {
  return (
    <details class="document" open={isOpen}>
      <summary>{title}</summary>
      <Copy words="Copy as JSON" text={() => JSON.stringify(value, null, 2)} />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a keyboard scrolls it */}
      <section class="tree" tabIndex={0} aria-label={title}>
        <Tree value={value} />
      </section>
    </details>
  );
}

/** A button that copies a text; without a secure connection, browsers have no clipboard, and it is shown instead. */
export function Copy({ words, text }: { readonly words: string; text(): string }) {
  const [shown, setShown] = useState<string>();
  const [isCopied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text());
      setCopied(true);
    } catch {
      setShown(text());
    }
  };
  return (
    <>
      <button type="button" class="small" onClick={() => void copy()}>
        {isCopied ? 'Copied' : words}
      </button>
      {shown !== undefined && <textarea class="json" readOnly rows={4} aria-label={words} value={shown} />}
    </>
  );
}
