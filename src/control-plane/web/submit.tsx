import { useState } from 'preact/hooks';
import { messageOf } from '#domain/errors.ts';
import type { Action } from '#wire/packs.ts';
import { post } from './api.ts';
import { fieldsOf, type Property } from './fields.ts';
import { useLive } from './hooks.ts';
import { Heading, Trouble } from './parts.tsx';

/** Actions do not change often. */
const RELOAD_MS = 30_000;

export function SubmitPage({ actionRef }: { readonly actionRef: string | undefined }) {
  const { value, problem } = useLive('actions', RELOAD_MS);
  const packs = useLive('packs', RELOAD_MS);
  const action = value?.actions.find((one) => one.ref === actionRef);
  return (
    <>
      <Heading>Submit</Heading>
      <Trouble problem={problem} />
      {packs.value?.broken?.map((one) => (
        <Trouble key={one.ref} problem={`${one.ref} could not be loaded: ${one.problem}`} />
      ))}
      <label class="field">
        <span>Action</span>
        <select
          value={actionRef ?? ''}
          onChange={(event) => {
            location.hash = `#/submit/${encodeURIComponent(event.currentTarget.value)}`;
          }}
        >
          <option value="">Choose one</option>
          {value?.actions.map((one) => (
            <option key={one.ref} value={one.ref}>
              {one.ref === one.label ? one.ref : `${one.ref}: ${one.label}`}
            </option>
          ))}
        </select>
      </label>
      {action && <ActionForm key={action.ref} action={action} />}
    </>
  );
}

function ActionForm({ action }: { readonly action: Action }) {
  const [problem, setProblem] = useState<string>();
  const { properties, required } = fieldsOf(action.param_schema);
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    try {
      const parameters = readForm(event.currentTarget as HTMLFormElement, properties);
      const { id } = await post('executions', { action_ref: action.ref, parameters });
      location.hash = `#/executions/${id}`;
    } catch (error) {
      setProblem(messageOf(error));
    }
  };
  return (
    <form onSubmit={submit}>
      {action.description && <p>{action.description}</p>}
      {properties.map(([name, property]) => (
        <div key={name} class="field">
          <label for={`field-${name}`}>
            {name}
            {required.includes(name) && ' (required)'}
          </label>
          <Field name={name} property={property} isRequired={required.includes(name)} />
          {property.description && <small>{property.description}</small>}
        </div>
      ))}
      {action.param_schema === null && (
        <label class="field">
          <span>Parameters, as a JSON object</span>
          <textarea name="" rows={5} defaultValue="{}" />
        </label>
      )}
      <Trouble problem={problem} />
      <button type="submit" class="primary">
        Submit
      </button>
    </form>
  );
}

interface FieldProps {
  readonly name: string;
  readonly property: Property;
  readonly isRequired: boolean;
}

function Field({ name, property, isRequired }: FieldProps) {
  const initial = property.default === undefined ? '' : textOf(property.default);
  const common = { id: `field-${name}`, name, required: isRequired, defaultValue: initial };
  if (property.enum)
    return (
      <select {...common}>
        {!isRequired && <option value="" />}
        {property.enum.map((one) => (
          <option key={textOf(one)} value={textOf(one)}>
            {textOf(one)}
          </option>
        ))}
      </select>
    );
  switch (property.type) {
    case 'boolean':
      return <input type="checkbox" id={common.id} name={name} defaultChecked={property.default === true} />;
    case 'number':
      return <input type="number" step="any" {...common} />;
    case 'integer':
      return <input type="number" step="1" {...common} />;
    case 'string':
      if (property.secret) return <input type="password" autocomplete="off" {...common} />;
      return <input type="text" autocomplete="off" {...common} />;
    default:
      return <textarea rows={3} placeholder="JSON" {...common} />;
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Reads the form; a field that was left empty is not given. Throws an error for text that is no JSON. */
function readForm(
  form: HTMLFormElement,
  properties: readonly (readonly [string, Property])[],
): Readonly<Record<string, unknown>> {
  const data = new FormData(form);
  if (data.has('')) return parse('', String(data.get(''))) as Record<string, unknown>;
  const pairs = properties.flatMap(([name, property]) => {
    if (property.type === 'boolean') return [[name, data.has(name)]];
    const text = String(data.get(name) ?? '');
    return text === '' ? [] : [[name, valueFrom(name, property, text)]];
  });
  return Object.fromEntries(pairs);
}

function valueFrom(name: string, property: Property, text: string): unknown {
  if (property.enum) return property.enum.find((one) => textOf(one) === text);
  return property.type === 'string' ? text : parse(name, text);
}

function parse(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${name || 'the parameters'}: this is no JSON`, { cause: error });
  }
}
