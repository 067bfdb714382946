import { useContext, useMemo, useRef, useState } from 'preact/hooks';
import { messageOf } from '#domain/errors.ts';
import { isRecord } from '#domain/record.ts';
import type { Action } from '#wire/packs.ts';
import { Account, useLack } from './account.tsx';
import { ApiError, newKey, post } from './api.ts';
import { type DraftOfGroup, draftOf, draftOfKey, type Flaws, initialDraft, keysOf, valuesOf } from './drafts.ts';
import { parseExactly, valueOfText } from './exact-json.ts';
import { Fields } from './field.tsx';
import { useLive } from './hooks.ts';
import { Trouble } from './parts.tsx';
import { type Member, membersOf, withKeys } from './schema.ts';

interface Given {
  /** The parameters of an earlier execution. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Parameters as an address has them. */
  readonly texts: ReadonlyMap<string, string>;
}

type Values = Readonly<Record<string, unknown>>;
type Keys = Readonly<Record<string, string>>;

/** The form of an action. It makes one execution, however often its button is pressed. */
export function SubmitForm({ action, given }: { readonly action: Action; readonly given: Given }) {
  const refs = useKeyRefs(action.param_schema);
  const members = useMemo(
    () => withKeys(membersOf(action.param_schema), { stored: action.stored_keys, refs }),
    [action.param_schema, action.stored_keys, refs],
  );
  const [draft, setDraft] = useState(() => draftFrom(members, given));
  /* Where there are no fields, or somebody prefers it, the parameters are written as JSON. */
  const [json, setJson] = useState<string | undefined>(
    hasMore(members, given.values) ? JSON.stringify(given.values, null, 2) : undefined,
  );
  const [flaws, setFlaws] = useState<Flaws>(new Map());
  const { send, isSending, problem, setProblem } = useSending(action.ref, setFlaws);
  const form = useRef<HTMLFormElement>(null);
  const lack = useLack('submit');
  const keys = keysOf(members, draft);
  const read = (): Values | undefined => {
    const found: Flaws = new Map();
    const values =
      json === undefined
        ? valuesOf(members, draft, { flaws: found })
        : readJson(json, { schema: action.param_schema, flaws: found });
    setFlaws(found);
    const [first] = found;
    setProblem(first && (first[0] === '' ? first[1] : `${first[0]}: ${first[1]}`));
    form.current?.querySelector<HTMLElement>(`[id="field-${first?.[0]}"]`)?.focus();
    return first ? undefined : values;
  };
  const submit = (event: Event): void => {
    event.preventDefault();
    const values = read();
    if (values) void send(values, keys);
  };
  const toggle = (): void => {
    const values = read();
    if (!values) return;
    setJson(json === undefined ? JSON.stringify(values, null, 2) : undefined);
    const chosen = Object.entries(keys).map(([name, ref]) => [name, draftOfKey(ref)]);
    setDraft({ ...draftFrom(members, { values, texts: new Map() }), ...Object.fromEntries(chosen) });
  };
  return (
    <form
      ref={form}
      onSubmit={submit}
      onKeyDown={(event) => event.key === 'Enter' && (event.ctrlKey || event.metaKey) && submit(event)}
      noValidate
    >
      {json === undefined ? (
        <Fields members={members} draft={draft} flaws={flaws} onChange={setDraft} />
      ) : (
        <JsonField {...{ json, setJson, keys }} />
      )}
      <Trouble problem={problem} />
      <p class="actions">
        <button type="submit" class="primary" disabled={isSending || lack !== undefined} title={lack}>
          Submit
        </button>
        {members.length > 0 && (
          <button type="button" onClick={toggle}>
            {json === undefined ? 'Write as JSON' : 'Write in fields'}
          </button>
        )}
      </p>
    </form>
  );
}

interface JsonProps {
  readonly json: string;
  setJson(text: string): void;
  /** The refs of the keys that were chosen in the fields, by the names of the parameters that get their values. */
  readonly keys: Keys;
}

function JsonField({ json, setJson, keys }: JsonProps) {
  return (
    <label class="field">
      <span>Parameters, as a JSON object</span>
      <textarea id="field-" class="json" rows={8} value={json} onInput={(e) => setJson(e.currentTarget.value)} />
      {Object.entries(keys).map(([name, ref]) => (
        <small key={name}>
          {name} gets the value of the key {ref}
        </small>
      ))}
    </label>
  );
}

/** Keys do not change often. */
const KEYS_MS = 60_000;

/** The refs of the keys, for an action with secrets and a token that may see them. */
function useKeyRefs(schema: unknown): readonly string[] {
  const isSecret = membersOf(schema).some(({ property }) => property.kind === 'secret');
  const mayList = useContext(Account)?.scopes.includes('admin') ?? false;
  const { value } = useLive(isSecret && mayList ? 'keys' : undefined, KEYS_MS);
  return useMemo(() => value?.keys.map(({ ref }) => ref) ?? [], [value]);
}

/** Tells whether some parameters have no field. */
function hasMore(members: readonly Member[], values: Values): boolean {
  const names = members.map(({ name }) => name);
  return members.length === 0 || Object.keys(values).some((name) => !names.includes(name));
}

function useSending(actionRef: string, setFlaws: (flaws: Flaws) => void) {
  const [isSending, setSending] = useState(false);
  const [problem, setProblem] = useState<string>();
  /* The same request again, after an answer was lost, has the same key. */
  const once = useRef({ body: '', key: '', isUnderWay: false });
  const send = async (parameters: Values, keys: Keys): Promise<void> => {
    if (once.current.isUnderWay) return;
    const body = JSON.stringify([parameters, keys]);
    const key = once.current.body === body ? once.current.key : newKey();
    once.current = { body, key, isUnderWay: true };
    setSending(true);
    const named = Object.keys(keys).length === 0 ? {} : { parameter_keys: keys };
    try {
      const { id } = await post('executions', { body: { action_ref: actionRef, parameters, ...named }, key });
      location.hash = `#/executions/${id}`;
    } catch (error) {
      setProblem(messageOf(error));
      if (error instanceof ApiError)
        setFlaws(new Map(error.errors.map(({ path, message }) => [path.replace(/^parameters\./, ''), message])));
      once.current.isUnderWay = false;
      setSending(false);
    }
  };
  return { send, isSending, problem, setProblem };
}

function draftFrom(members: readonly Member[], { values, texts }: Given): DraftOfGroup {
  const given = members.flatMap(({ name, property }) => {
    const text = texts.get(name);
    const value = text === undefined ? values[name] : valueOfText(text, property.meaning);
    return value === undefined ? [] : [[name, draftOf(property, value)]];
  });
  return { ...initialDraft(members), ...Object.fromEntries(given) };
}

function readJson(text: string, { schema, flaws }: { readonly schema: unknown; readonly flaws: Flaws }): Values {
  try {
    const value = parseExactly(text, isRecord(schema) ? { schema, root: schema } : undefined);
    if (isRecord(value)) return value;
    flaws.set('', 'the parameters: this is no JSON object');
  } catch (error) {
    flaws.set('', error instanceof RangeError ? error.message : 'the parameters: this is no JSON');
  }
  return {};
}
