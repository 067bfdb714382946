import { useState } from 'preact/hooks';
import type { Webhook, WebhookMessage } from '#wire/webhooks.ts';
import { changeWebhook, deleteWebhook, renewWebhookSecret, testWebhook } from './api.ts';
import { useActing, useLive } from './hooks.ts';
import { Ago, Heading, Live, Status, Time, Trouble } from './parts.tsx';
import { PlainTable } from './plain-table.tsx';
import { ShownOnce } from './shown-once.tsx';
import { TwoStep } from './two-step.tsx';
import { addressOf, filterOf, stateOfWebhook, waitingOf } from './webhooks.tsx';

/** One webhook: what it is told, what has become of that, and what can be done about it. */
export function WebhookPage({ id }: { readonly id: number }) {
  const [version, setVersion] = useState(0);
  const webhook = useLive(`webhooks/${id}`, 2000, String(version));
  const renew = (): void => setVersion((n) => n + 1);
  return (
    <>
      <Heading>Webhook {id}</Heading>
      <Live of={webhook}>{webhook.value && <About webhook={webhook.value} />}</Live>
      {webhook.value && <Buttons webhook={webhook.value} onDone={renew} />}
      {webhook.value && <Messages of={id} state={String(version)} />}
    </>
  );
}

function About({ webhook: one }: { readonly webhook: Webhook }) {
  const delivered = one.last_delivered;
  return (
    <>
      <p>
        <Status status={stateOfWebhook(one)} />
        {one.paused && ' Nothing is sent to it; what ends meanwhile waits.'}
      </p>
      {one.problem !== null && <p class="problem">The last try came to nothing: {one.problem}</p>}
      <dl class="facts">
        <dt>Address</dt>
        <dd>{addressOf(one)}</dd>
        <dt>Tells of</dt>
        <dd>{filterOf(one)}</dd>
        <dt>Waiting</dt>
        <dd>{waitingOf(one)}</dd>
        <dt>Last delivery</dt>
        <dd>{delivered === null ? 'never' : <Ago at={delivered} />}</dd>
        <dt>Made</dt>
        <dd>
          <Time at={one.created} />
        </dd>
      </dl>
    </>
  );
}

function Buttons({ webhook: { id, paused, url }, onDone }: { readonly webhook: Webhook; onDone(): void }) {
  const { act, isBusy, problem } = useActing();
  const [said, setSaid] = useState('');
  const [secret, setSecret] = useState<string>();
  const test = act(async () => {
    setSaid('');
    const { delivered, status, problem: why } = await testWebhook(id);
    setSaid(
      delivered ? `The message was taken: the address answered ${status}.` : `The message was not taken: ${why}.`,
    );
  });
  const toggle = act(async () => {
    await changeWebhook(id, paused ? 'resume' : 'pause');
    onDone();
  });
  const renew = act(async () => setSecret((await renewWebhookSecret(id)).secret));
  const remove = act(async () => {
    await deleteWebhook(id);
    location.hash = '#/webhooks';
  });
  const common = { type: 'button', class: 'small', disabled: isBusy } as const;
  return (
    <>
      <div class="actions">
        {url !== null && (
          <button {...common} onClick={test}>
            Send a test message
          </button>
        )}
        <button {...common} onClick={toggle}>
          {paused ? 'Resume' : 'Pause'}
        </button>
        {url !== null && (
          <TwoStep verb="Make a new secret" name={`for webhook ${id}`} isBusy={isBusy} onDo={() => void renew()} />
        )}
        <TwoStep verb="Delete" name={`webhook ${id}`} isBusy={isBusy} onDo={() => void remove()} />
      </div>
      <p class="empty" role="status">
        {said}
      </p>
      {secret !== undefined && <ShownOnce words="The secret that signs from now on" secret={secret} />}
      <Trouble problem={problem} />
    </>
  );
}

function Messages({ of, state }: { readonly of: number; readonly state: string }) {
  const page = useLive(`webhooks/${of}/messages`, 2000, state);
  const all = page.value?.messages ?? [];
  return (
    <section aria-label="Messages">
      <h2>Messages</h2>
      <Live of={page}>
        {page.value && all.length === 0 && <p>There are none. Nothing that it tells of has ended yet.</p>}
        {all.length > 0 && (
          <PlainTable
            label="Its messages: those that wait, then the last ones that have ended"
            titles={[
              'Execution',
              'Action',
              'Ended as',
              'Message',
              'Tries',
              'Answer',
              'Last try',
              'Next try',
              'Problem',
            ]}
          >
            {all.map((one) => (
              <MessageRow key={one.message_id} message={one} />
            ))}
          </PlainTable>
        )}
      </Live>
    </section>
  );
}

function MessageRow({ message: one }: { readonly message: WebhookMessage }) {
  return (
    <tr>
      <td>
        <a href={`#/executions/${one.execution}`}>{one.execution}</a>
      </td>
      <td class="action">{one.action_ref}</td>
      <td>{one.status}</td>
      <td>
        <Status status={one.state} />
      </td>
      <td>{one.tries}</td>
      <td>{one.answer ?? '–'}</td>
      <td>{one.tried === null ? '–' : <Ago at={one.tried} />}</td>
      <td>{one.next_try === null ? '–' : <Time at={one.next_try} />}</td>
      <td class="problem long" title={one.problem ?? ''}>
        {one.problem}
      </td>
    </tr>
  );
}
