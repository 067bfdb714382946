import type { ComponentChildren } from 'preact';

interface PlainTableProps {
  /** The name of the table for those who cannot see it. */
  readonly label: string;
  readonly titles: readonly string[];
  /** The rows. */
  readonly children: ComponentChildren;
}

/** A table that is as dense as the list of executions, without its links; where it is too wide it scrolls by itself. */
export function PlainTable({ label, titles, children }: PlainTableProps) {
  return (
    /* biome-ignore lint/a11y/noNoninteractiveTabindex: a keyboard scrolls it */
    <section class="wide" tabIndex={0} aria-label={label}>
      <table class="dense plain">
        <thead>
          <tr>
            {titles.map((title) => (
              <th key={title} scope="col">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </section>
  );
}
