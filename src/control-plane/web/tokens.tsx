import { useState } from 'preact/hooks';
import { SCOPES, type Scope } from '#domain/admin-store.ts';
import type { Token } from '#wire/tokens.ts';
import { createToken, revokeToken } from './api.ts';
import { useActing, useLive } from './hooks.ts';
import { KnownRefs } from './known-refs.tsx';
import { Ago, Heading, LeftOut, Live, Time, Trouble } from './parts.tsx';
import { PlainTable } from './plain-table.tsx';
import { ShownOnce } from './shown-once.tsx';
import { TwoStep } from './two-step.tsx';

const RELOAD_MS = 10_000;
const DAY_MS = 86_400_000;

/** The tokens of the API: who may do what, until when, and who has not been heard of for long. */
export function TokensPage() {
  const [version, setVersion] = useState(0);
  const tokens = useLive('tokens', RELOAD_MS, String(version));
  const { act, isBusy, problem } = useActing();
  const renew = (): void => setVersion((n) => n + 1);
  const revoke = (id: string): void => void act(() => revokeToken(id).then(renew))();
  const all = tokens.value?.tokens ?? [];
  const valid = all.filter((one) => stateOf(one) === 'valid');
  const over = all.filter((one) => stateOf(one) !== 'valid').toReversed();
  return (
    <>
      <Heading>Tokens</Heading>
      <TokenForm onDone={renew} />
      <Trouble problem={problem} />
      <Live of={tokens}>
        <TokenTable title="Valid tokens" tokens={valid} isBusy={isBusy} onRevoke={revoke} />
        {over.length > 0 && (
          <details class="document">
            <summary>Revoked and expired ({over.length})</summary>
            <TokenTable title="Revoked and expired tokens" tokens={over.slice(0, MOST_OVER)} isBusy={isBusy} />
            <LeftOut all={over.length} shown={MOST_OVER} />
          </details>
        )}
      </Live>
    </>
  );
}

const MOST_OVER = 200;

function stateOf({ revoked_at: revoked, expires_at: expires }: Token): 'valid' | 'revoked' | 'expired' {
  if (revoked !== null) return 'revoked';
  return expires !== null && Date.parse(expires) <= Date.now() ? 'expired' : 'valid';
}

interface TableProps {
  readonly title: string;
  readonly tokens: readonly Token[];
  readonly isBusy: boolean;
  onRevoke?(id: string): void;
}

function TokenTable({ title, tokens, isBusy, onRevoke }: TableProps) {
  return (
    <PlainTable
      label={title}
      titles={['Name', 'Scopes', 'Made', 'Expires', 'Last used', onRevoke ? 'Revoke' : 'State']}
    >
      {tokens.map((one) => (
        <tr key={one.id}>
          <td class="action">{one.name}</td>
          <td>
            {one.scopes.join(', ')}
            {one.packs && <small> only {[...one.packs, ...(one.actions ?? [])].join(', ')}</small>}
          </td>
          <td>
            <Time at={one.created} />
          </td>
          <td>{one.expires_at === null ? 'never' : <Time at={one.expires_at} />}</td>
          <td>{one.last_used_at === null ? 'not noted' : <Ago at={one.last_used_at} />}</td>
          <td>
            {onRevoke ? (
              <TwoStep verb="Revoke" name={one.name} isBusy={isBusy} onDo={() => onRevoke(one.id)} />
            ) : (
              stateOf(one)
            )}
          </td>
        </tr>
      ))}
    </PlainTable>
  );
}

const EXPIRIES = { never: 0, '7 days': 7, '30 days': 30, '90 days': 90, '1 year': 365 } as const;

/** What each scope allows, in words. */
const ALLOWED: Readonly<Record<Scope, string>> = {
  submit: 'request and cancel executions',
  inline: 'request executions of code that comes along',
  read: 'see executions, logs, packs and workers',
  admin: 'everything',
  worker: 'be a worker',
  'agent-download': 'download the agent',
  metrics: 'read the metrics',
};

/** The names that a field has, with commas or spaces between them. */
function namesOf(field: FormDataEntryValue | null): string[] {
  return String(field ?? '')
    .split(/[\s,]+/)
    .filter((one) => one !== '');
}

/** What the token is confined to; the names of the server are offered. */
function Confined() {
  return (
    <fieldset class="confined">
      <legend>Confined to</legend>
      <div class="filters">
        <KnownRefs
          pack={{ name: 'packs', label: 'Only these packs' }}
          action={{ name: 'actions', label: 'Only these actions' }}
        />
      </div>
      <small>Several with commas. Only the scopes submit and read can be confined.</small>
    </fieldset>
  );
}

function TokenForm({ onDone }: { onDone(): void }) {
  const { act, isBusy, problem } = useActing();
  const [made, setMade] = useState<{ readonly name: string; readonly token: string }>();
  const make = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const data = new FormData(form);
    const days = EXPIRIES[String(data.get('expires')) as keyof typeof EXPIRIES] ?? 0;
    void act(async () => {
      const scopes = data.getAll('scope') as Scope[];
      if (scopes.length === 0) throw new Error('choose at least one scope');
      const packs = namesOf(data.get('packs'));
      const actions = namesOf(data.get('actions'));
      setMade(
        await createToken({
          name: String(data.get('name')).trim(),
          scopes,
          ...(packs.length > 0 && { packs }),
          ...(actions.length > 0 && { actions }),
          ...(days > 0 && { expires_at: new Date(Date.now() + days * DAY_MS).toISOString() }),
        }),
      );
      form.reset();
      onDone();
    })();
  };
  return (
    <form onSubmit={make} class="card make">
      <div class="filters">
        <label>
          <span>Name</span>
          <input name="name" required maxLength={100} autocomplete="off" />
        </label>
        <label>
          <span>Expires</span>
          <select name="expires">
            {Object.keys(EXPIRIES).map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        </label>
      </div>
      <fieldset class="scopes">
        <legend>Scopes</legend>
        {SCOPES.map((one) => (
          <label key={one}>
            <input type="checkbox" name="scope" value={one} />
            <span>
              {one} <small>{ALLOWED[one]}</small>
            </span>
          </label>
        ))}
      </fieldset>
      <Confined />
      <button type="submit" class="primary small" disabled={isBusy}>
        Make a token
      </button>
      <Trouble problem={problem} />
      {made && <ShownOnce words={`The token ${made.name}`} secret={made.token} />}
    </form>
  );
}
