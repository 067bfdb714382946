import { Copy } from './tree.tsx';

/** A secret that the server has just made, and that it shows to nobody again. */
export function ShownOnce({ words, secret }: { readonly words: string; readonly secret: string }) {
  return (
    <p role="status" class="made">
      {words}, which is shown this once: <code>{secret}</code> <Copy words="Copy" text={() => secret} />
    </p>
  );
}
