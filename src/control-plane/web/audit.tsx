import { useWritten } from './filters.tsx';
import { useLive } from './hooks.ts';
import { Heading, Live, Time } from './parts.tsx';
import { PlainTable } from './plain-table.tsx';
import { changeQuery } from './route.ts';

const MOST = 100;

/** Who asked for which change. */
export function AuditPage({ query }: { readonly query: URLSearchParams }) {
  const [actor, before] = [query.get('actor') ?? '', query.get('before') ?? ''];
  const field = useWritten(actor, (text) => changeQuery(query, { actor: text, before: '' }));
  const asked = { limit: String(MOST), ...(actor && { actor }), ...(/^\d+$/.test(before) && { before }) };
  const page = useLive(`audit?${new URLSearchParams(asked)}`);
  const entries = page.value?.entries ?? [];
  return (
    <>
      <Heading>Audit</Heading>
      <div class="filters">
        <label>
          <span>Token</span>
          <input type="search" {...field} />
        </label>
      </div>
      <Live of={page}>
        {page.value && entries.length === 0 && <p>There are none.</p>}
        {entries.length > 0 && (
          <PlainTable label="Entries" titles={['At', 'Token', 'Action', 'Subject', 'Status', 'Address']}>
            {entries.map((one) => (
              <tr key={one.id}>
                <td>
                  <Time at={one.at} />
                </td>
                <td>{one.actor}</td>
                <td>{one.action}</td>
                <td>{one.subject}</td>
                <td>{one.status}</td>
                <td>{one.address}</td>
              </tr>
            ))}
          </PlainTable>
        )}
        {entries.length === MOST && (
          <button type="button" onClick={() => changeQuery(query, { before: String(entries.at(-1)?.id) })}>
            Older
          </button>
        )}
      </Live>
    </>
  );
}
