import { useState } from 'preact/hooks';
import { FINAL_STATUSES, type FinalStatus } from '#domain/execution-status.ts';
import type { CreatedWebhook, Webhook } from '#wire/webhooks.ts';
import { createWebhook } from './api.ts';
import { useActing, useLive } from './hooks.ts';
import { KnownRefs } from './known-refs.tsx';
import { Ago, Heading, Live, Status, Trouble } from './parts.tsx';
import { PlainTable } from './plain-table.tsx';
import { ShownOnce } from './shown-once.tsx';

const RELOAD_MS = 5000;

/** Who is told when executions end, and how far that succeeds. */
export function WebhooksPage() {
  const [version, setVersion] = useState(0);
  const webhooks = useLive('webhooks', RELOAD_MS, String(version));
  const all = webhooks.value?.webhooks ?? [];
  return (
    <>
      <Heading>Webhooks</Heading>
      <WebhookForm onDone={() => setVersion((n) => n + 1)} />
      <Live of={webhooks}>
        {webhooks.value && all.length === 0 && (
          <p>There are none. Nobody outside is told when executions end, but by callbacks.</p>
        )}
        {all.length > 0 && (
          <PlainTable
            label="All webhooks"
            titles={['Id', 'Address', 'State', 'Tells of', 'Waiting', 'Last delivery', 'Last problem']}
          >
            {all.map((one) => (
              <WebhookRow key={one.id} webhook={one} />
            ))}
          </PlainTable>
        )}
      </Live>
    </>
  );
}

function WebhookRow({ webhook: one }: { readonly webhook: Webhook }) {
  return (
    <tr>
      <td>
        <a href={`#/webhooks/${one.id}`}>{one.id}</a>
      </td>
      <td class="action" title={addressOf(one)}>
        <a href={`#/webhooks/${one.id}`} tabIndex={-1}>
          {addressOf(one)}
        </a>
      </td>
      <td>
        <Status status={stateOfWebhook(one)} />
      </td>
      <td>{filterOf(one)}</td>
      <td>{waitingOf(one)}</td>
      <td>{one.last_delivered === null ? 'never' : <Ago at={one.last_delivered} />}</td>
      <td class="problem long" title={one.problem ?? ''}>
        {one.problem}
      </td>
    </tr>
  );
}

/** Where a webhook leads to. */
export function addressOf({ url, callbacks_of: token }: Webhook): string {
  return url ?? `callbacks of ${token}`;
}

/** Whether something is sent to a webhook, and whether it takes it. */
export function stateOfWebhook({ paused, problem }: Webhook): 'paused' | 'failing' | 'active' {
  if (paused) return 'paused';
  return problem === null ? 'active' : 'failing';
}

/** The ends that a webhook is told of, in words. */
export function filterOf({ statuses, action_ref: action, pack_ref: pack, url }: Webhook): string {
  if (url === null) return 'what asks for it';
  const ends = statuses.length === 0 ? 'any end' : statuses.join(', ');
  const of = [action, pack].filter((one) => one !== null);
  return of.length === 0 ? ends : `${ends} of ${of.join(' in ')}`;
}

/** The messages that wait, in words, and how many were given up because too many did. */
export function waitingOf({ waiting, dropped }: Webhook): string {
  const count = waiting >= MOST_COUNTED ? `${waiting} or more` : String(waiting);
  return dropped === 0 ? count : `${count}, ${dropped} given up`;
}

/** The server counts no further. */
const MOST_COUNTED = 10_000;

function WebhookForm({ onDone }: { onDone(): void }) {
  const { act, isBusy, problem } = useActing();
  const [made, setMade] = useState<CreatedWebhook>();
  const make = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const data = new FormData(form);
    const text = (name: string): string => String(data.get(name) ?? '').trim();
    void act(async () => {
      setMade(
        await createWebhook({
          url: text('url'),
          statuses: data.getAll('status') as FinalStatus[],
          ...(text('pack') !== '' && { pack_ref: text('pack') }),
          ...(text('action') !== '' && { action_ref: text('action') }),
        }),
      );
      form.reset();
      onDone();
    })();
  };
  return (
    <form onSubmit={make} class="card make">
      <div class="filters">
        <label class="wide-field">
          <span>Address</span>
          <input name="url" type="url" required placeholder="https://" autocomplete="off" />
        </label>
        <KnownRefs
          pack={{ name: 'pack', label: 'Only of this pack' }}
          action={{ name: 'action', label: 'Only of this action' }}
        />
      </div>
      <fieldset class="scopes">
        <legend>Tells of these ends (none chosen: of all)</legend>
        {FINAL_STATUSES.map((one) => (
          <label key={one}>
            <input type="checkbox" name="status" value={one} />
            <span>{one}</span>
          </label>
        ))}
      </fieldset>
      <button type="submit" class="primary small" disabled={isBusy}>
        Make a webhook
      </button>
      <Trouble problem={problem} />
      {made && <ShownOnce words={`The secret that signs the messages of webhook ${made.id}`} secret={made.secret} />}
    </form>
  );
}
