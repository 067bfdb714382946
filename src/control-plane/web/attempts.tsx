import { type Step, stepsOf } from '#domain/attempt-steps.ts';
import { isFinal } from '#domain/execution-status.ts';
import type { Attempt } from '#wire/attempts.ts';
import type { Execution } from '#wire/executions.ts';
import { describeDuration } from './durations.ts';
import { useLive } from './hooks.ts';
import { Time } from './parts.tsx';

const RUNNING_MS = 2000;
const ENDED_MS = 60_000;

/** The attempts of an execution, each with its steps and how long each of them took. */
export function Attempts({ execution: one }: { readonly execution: Execution }) {
  const hasEnded = isFinal(one.status);
  const path = `executions/${one.id}/attempts` as const;
  /* Another state is another question: it is asked at once. */
  const { value } = useLive(path, hasEnded ? ENDED_MS : RUNNING_MS, `${one.status} ${one.attempt}`);
  const attempts = value?.attempts ?? [];
  const now = Date.now();
  return (
    <section class="attempts" aria-label="Timeline">
      {attempts.length === 0 && (
        <p>
          requested <Time at={one.created} />, has waited{' '}
          <strong>{describeDuration((hasEnded ? Date.parse(one.updated) : now) - Date.parse(one.created))}</strong>
        </p>
      )}
      {attempts.map((attempt, place) => (
        <AttemptLine
          key={attempt.attempt}
          attempt={attempt}
          isAlone={attempts.length === 1}
          since={place === 0 ? one.created : (attempts[place - 1]?.ended_at ?? one.created)}
          now={now}
        />
      ))}
    </section>
  );
}

interface LineProps {
  readonly attempt: Attempt;
  readonly isAlone: boolean;
  /** When it was requested, or the attempt before it had ended. */
  readonly since: string;
  readonly now: number;
}

function AttemptLine({ attempt, isAlone, since, now }: LineProps) {
  const steps = stepsOf(attempt, since, now);
  return (
    <div class="attempt">
      <p class="attempt-of">
        {!isAlone && <strong>Attempt {attempt.attempt}</strong>} {isAlone ? 'requested' : 'from'} <Time at={since} />
        {attempt.worker !== null && (
          <>
            {' '}
            on <a href={`#/workers/${attempt.worker}`}>{attempt.worker_name ?? attempt.worker}</a>
          </>
        )}
      </p>
      <Bar steps={steps} />
      <ol class="steps">
        {steps.map(({ name, ms, isOver }) => (
          <li key={name} class={`step-${name}`}>
            {name} <strong>{describeDuration(ms)}</strong>
            {!isOver && ' so far'}
          </li>
        ))}
      </ol>
      {attempt.reason !== null && <p class="problem">{attempt.reason}</p>}
    </div>
  );
}

const WIDTH = 1000;
/** A step that is short beside the others is seen all the same. */
const LEAST = 6;

function Bar({ steps }: { readonly steps: readonly Step[] }) {
  const total = Math.max(
    1,
    steps.reduce((sum, { ms }) => sum + ms, 0),
  );
  const widths = steps.map(({ ms }) => Math.max(LEAST, (ms / total) * WIDTH));
  const scale = WIDTH / widths.reduce((sum, one) => sum + one, 0);
  let x = 0;
  return (
    <svg class="bar" viewBox={`0 0 ${WIDTH} 10`} preserveAspectRatio="none" aria-hidden="true">
      {steps.map(({ name }, place) => {
        const width = (widths[place] ?? 0) * scale;
        x += width;
        return <rect key={name} class={`step-${name}`} x={x - width} width={width} height={10} />;
      })}
    </svg>
  );
}
