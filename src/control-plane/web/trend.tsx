import type { Activity } from '#wire/activity.ts';
import { describeDuration } from './durations.ts';
import { useLive } from './hooks.ts';

const RELOAD_MS = 15_000;
const WIDTH = 4;
const HEIGHT = 28;

type Minute = Activity['minutes'][number];

interface TrendProps {
  readonly title: string;
  /** What is so now, in words. */
  readonly now: string;
  readonly minutes: readonly Minute[];
  /** The bars, the parts of each minute on top of each other. */
  readonly bars: readonly { readonly of: 'good' | 'bad' | 'busy' | 'accent'; valueAt(minute: Minute): number }[];
  /** The least value that a full bar stands for. */
  readonly full?: number;
}

/** The last hour, minute by minute: what ended, what failed, what waited, and how many slots were in use. */
export function Trends() {
  const activity = useLive('activity', RELOAD_MS).value;
  if (!activity) return <div class="trends" />;
  const { minutes, slots, sampled } = activity;
  const last = minutes.at(-1);
  const sum = (of: (minute: Minute) => number): number => minutes.reduce((all, one) => all + of(one), 0);
  const [ended, failed] = [sum((one) => one.ended), sum((one) => one.failed)];
  const waited = minutes.findLast((one) => one.wait_p95_ms !== null)?.wait_p95_ms ?? null;
  const about = sampled === 1 ? '' : 'about ';
  return (
    <section class="trends" aria-label="The last hour">
      <Trend
        title="Ended, last hour"
        now={`${about}${ended}`}
        minutes={minutes}
        bars={[
          { of: 'bad', valueAt: (one) => one.failed },
          { of: 'good', valueAt: (one) => one.ended - one.failed },
        ]}
      />
      <Trend
        title="Failed"
        now={
          failed === 0 ? '0' : `${about}${failed} (${Math.max(1, Math.round((100 * failed) / Math.max(1, ended)))} %)`
        }
        minutes={minutes}
        bars={[{ of: 'bad', valueAt: (one) => one.failed }]}
      />
      <Trend
        title="Waiting"
        now={String(last?.waiting ?? 0)}
        minutes={minutes}
        bars={[{ of: 'busy', valueAt: (one) => one.waiting }]}
      />
      <Trend
        title="Wait (p95)"
        now={waited === null ? '–' : describeDuration(waited)}
        minutes={minutes}
        bars={[{ of: 'busy', valueAt: (one) => one.wait_p95_ms ?? 0 }]}
      />
      <Trend
        title="Slots in use"
        now={`${last?.running ?? 0} of ${slots}`}
        minutes={minutes}
        full={slots}
        bars={[{ of: 'accent', valueAt: (one) => one.running }]}
      />
    </section>
  );
}

function Trend({ title, now, minutes, bars, full = 0 }: TrendProps) {
  const heightOf = (minute: Minute): number => bars.reduce((sum, { valueAt }) => sum + valueAt(minute), 0);
  const most = Math.max(full, 1, ...minutes.map(heightOf));
  return (
    <figure class="trend">
      <figcaption>
        {title} <strong>{now}</strong>
      </figcaption>
      <svg viewBox={`0 0 ${minutes.length * WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
        {minutes.flatMap((minute, place) => {
          let top = HEIGHT;
          return bars.map(({ of, valueAt }) => {
            const value = valueAt(minute);
            /* What is little beside the most is seen all the same. */
            const height = value === 0 ? 0 : Math.max(1.5, (value / most) * HEIGHT);
            top -= height;
            return value === 0 ? null : (
              <rect key={`${place}${of}`} class={of} x={place * WIDTH} y={top} width={WIDTH - 1} height={height} />
            );
          });
        })}
      </svg>
    </figure>
  );
}
