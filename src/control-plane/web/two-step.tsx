import { useState } from 'preact/hooks';

interface TwoStepProps {
  /** What the button does, such as `Revoke`. */
  readonly verb: string;
  /** What it does it to. */
  readonly name: string;
  readonly isBusy: boolean;
  onDo(): void;
}

/** A button for what cannot be undone: pressed once, it asks to be pressed again. */
export function TwoStep({ verb, name, isBusy, onDo }: TwoStepProps) {
  const [isWanted, setWanted] = useState(false);
  const press = (): void => {
    if (isWanted) onDo();
    setWanted(!isWanted);
  };
  return (
    <button
      type="button"
      class="small"
      aria-label={isWanted ? undefined : `${verb} ${name}`}
      disabled={isBusy}
      onClick={press}
      onBlur={() => setWanted(false)}
    >
      {isWanted ? `${verb} ${name} for good` : verb}
    </button>
  );
}
