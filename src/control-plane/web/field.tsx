import type { ComponentChildren, TargetedEvent } from 'preact';
import { cut } from '#domain/shortened.ts';
import type { Draft, DraftOfGroup, Flaws } from './drafts.ts';
import { draftOfKey, initialDraft, keyOf } from './drafts.ts';
import type { Member, Property } from './schema.ts';

interface FieldsProps {
  readonly members: readonly Member[];
  readonly draft: DraftOfGroup;
  /** The path of the group of fields in the form; empty: the form itself. */
  readonly path?: string;
  readonly flaws: Flaws;
  onChange(draft: DraftOfGroup): void;
}

/** A field for each member. */
export function Fields({ members, draft, path = '', flaws, onChange }: FieldsProps) {
  return (
    <>
      {members.map(({ name, property, isRequired }) => (
        <Field
          key={name}
          {...{ name, property, isRequired, flaws }}
          path={path === '' ? name : `${path}.${name}`}
          draft={draft[name]}
          onChange={(changed) => onChange({ ...draft, [name]: changed })}
        />
      ))}
    </>
  );
}

interface FieldProps {
  readonly name: string;
  readonly path: string;
  readonly property: Property;
  readonly isRequired: boolean;
  readonly draft: Draft;
  readonly flaws: Flaws;
  onChange(draft: Draft): void;
}

function Field(props: FieldProps) {
  const { name, path, property, isRequired, flaws } = props;
  const label = `${name}${isRequired ? ' (required)' : ''}`;
  const flaw = flaws.get(path);
  const notes = (
    <>
      <small id={`hint-${path}`}>{hintOf(property, isRequired)}</small>
      {flaw !== undefined && (
        <p class="problem" id={`flaw-${path}`}>
          {name}: {flaw}
        </p>
      )}
    </>
  );
  if (property.kind === 'group' || property.kind === 'list')
    return (
      <fieldset class="field nested" tabIndex={-1} id={`field-${path}`} aria-describedby={`hint-${path}`}>
        <legend>{label}</legend>
        {notes}
        {property.kind === 'list' ? <List {...props} /> : <Group {...props} />}
      </fieldset>
    );
  return (
    <div class="field">
      <label for={`field-${path}`}>{label}</label>
      {property.kind === 'secret' ? <Secret {...props} /> : <Control {...props} />}
      {notes}
    </div>
  );
}

function hintOf(property: Property, isRequired: boolean): ComponentChildren {
  const { kind, description, bounds, default: initial, hasKey } = property;
  const words = kind === 'secret' && hasKey === undefined ? ['left empty, a key of this name stands in'] : [];
  const told = initial === undefined || isRequired ? [] : [`default: ${cut(JSON.stringify(initial), MOST_HINT)}`];
  return [description, ...bounds, ...words, ...told].filter((one) => one !== undefined && one !== '').join(' · ');
}

const MOST_HINT = 80;

/** A secret: written, or the value of a stored key. One of its own name stands in until somebody chooses another way. */
function Secret(props: FieldProps) {
  const { name, path, property, draft, onChange } = props;
  const { hasKey = false, keys = [] } = property;
  const ref = keyOf(property, draft);
  const isWritten = ref === undefined && (draft !== undefined || !hasKey);
  if (!isWritten) {
    const choose = ({ currentTarget: { value } }: TargetedEvent<HTMLSelectElement>): void =>
      onChange(value === WRITTEN ? '' : value === OWN ? undefined : draftOfKey(value));
    return (
      <select id={`field-${path}`} aria-describedby={`hint-${path}`} value={ref ?? OWN} onChange={choose}>
        {hasKey ? <option value={OWN}>the key {name}, which is stored</option> : <option value="">choose a key</option>}
        <option value={WRITTEN}>another value</option>
        {keys.map((one) => (
          <option key={one} value={one}>
            the key {one}
          </option>
        ))}
      </select>
    );
  }
  return (
    <>
      <Control {...props} />
      {hasKey ? (
        <button type="button" class="small" onClick={() => onChange(undefined)}>
          Use the key {name}
        </button>
      ) : (
        keys.length > 0 && (
          <button type="button" class="small" onClick={() => onChange(draftOfKey(''))}>
            Choose a key for {name}
          </button>
        )
      )}
    </>
  );
}

/** Choices beside the refs of keys, which have no spaces. */
const WRITTEN = 'another value';
const OWN = 'the key of its name';

function Control({ path, property, isRequired, draft, flaws, onChange }: FieldProps) {
  const flaw = flaws.has(path) ? ` flaw-${path}` : '';
  const common = {
    id: `field-${path}`,
    'aria-required': isRequired,
    'aria-invalid': flaw !== '',
    'aria-describedby': `hint-${path}${flaw}`,
    value: typeof draft === 'string' ? draft : '',
  };
  const write = (event: TargetedEvent<HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement>): void =>
    onChange(event.currentTarget.value);
  switch (property.kind) {
    case 'boolean':
    case 'choice': {
      const values = property.kind === 'boolean' ? [true, false] : property.choices;
      const textAt = (index: number): string => String(property.kind === 'boolean' ? values[index] : index);
      return (
        <select {...common} onChange={(event) => onChange(event.currentTarget.value || undefined)}>
          <option value="">{isRequired ? 'choose' : 'not given'}</option>
          {values.map((one, index) => (
            <option key={textAt(index)} value={textAt(index)}>
              {typeof one === 'string' ? one : JSON.stringify(one)}
            </option>
          ))}
        </select>
      );
    }
    case 'number':
    case 'integer':
      return <input {...common} type="text" inputMode="decimal" autocomplete="off" onInput={write} />;
    case 'date':
      return <input {...common} type="date" onInput={write} />;
    /* Fields of one line would join the lines of what is pasted: a key, for example. */
    default:
      return (
        <textarea
          {...common}
          class={property.kind}
          rows={rowsOf(property, common.value)}
          autocomplete="off"
          spellcheck={false}
          placeholder={property.kind === 'json' ? 'JSON' : undefined}
          onInput={write}
        />
      );
  }
}

const MOST_ROWS = 12;

function rowsOf({ kind }: Property, text: string): number {
  return Math.max(kind === 'json' ? 2 : 1, Math.min(MOST_ROWS, text.split('\n').length));
}

function List({ name, path, property, draft, flaws, onChange }: FieldProps) {
  const items = Array.isArray(draft) ? (draft as readonly Draft[]) : [];
  const { item } = property;
  if (!item) return null;
  const first = item.kind === 'group' ? initialDraft(item.members) : '';
  return (
    <>
      {items.map((one, index) => (
        <div key={index} class="item">
          <Field
            name={`${name} ${index + 1}`}
            path={`${path}.${index}`}
            property={item}
            isRequired={true}
            draft={one}
            flaws={flaws}
            onChange={(changed) => onChange(items.with(index, changed))}
          />
          <button type="button" onClick={() => onChange(items.toSpliced(index, 1))}>
            Remove {name} {index + 1}
          </button>
        </div>
      ))}
      <p class="actions">
        <button type="button" onClick={() => onChange([...items, first])}>
          Add to {name}
        </button>
        {draft !== undefined && <NotGiven name={name} onChange={onChange} />}
      </p>
    </>
  );
}

function Group({ name, path, property, isRequired, draft, flaws, onChange }: FieldProps) {
  if (typeof draft !== 'object')
    return (
      <button type="button" onClick={() => onChange(initialDraft(property.members))}>
        Give {name}
      </button>
    );
  return (
    <>
      <Fields members={property.members} draft={draft as DraftOfGroup} {...{ path, flaws, onChange }} />
      {!isRequired && <NotGiven name={name} onChange={onChange} />}
    </>
  );
}

function NotGiven({ name, onChange }: { readonly name: string; onChange(draft: undefined): void }) {
  return (
    <button type="button" onClick={() => onChange(undefined)}>
      Do not give {name}
    </button>
  );
}
