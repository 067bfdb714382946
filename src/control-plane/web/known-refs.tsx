import { useLive } from './hooks.ts';

const RELOAD_MS = 60_000;

interface Field {
  readonly name: string;
  readonly label: string;
}

/** Fields for packs and for actions; those of the server are offered, and an empty field stands for all. */
export function KnownRefs({ pack, action }: { readonly pack: Field; readonly action: Field }) {
  const packs = useLive('packs', RELOAD_MS).value?.packs ?? [];
  const actions = useLive('actions', RELOAD_MS).value?.actions ?? [];
  const fields = [
    { ...pack, known: packs },
    { ...action, known: actions },
  ];
  return (
    <>
      {fields.map(({ name, label, known }) => (
        <label key={name}>
          <span>{label}</span>
          <input name={name} list={`known-${name}`} autocomplete="off" placeholder="all" />
          <datalist id={`known-${name}`}>
            {known.map(({ ref }) => (
              <option key={ref} value={ref} />
            ))}
          </datalist>
        </label>
      ))}
    </>
  );
}
