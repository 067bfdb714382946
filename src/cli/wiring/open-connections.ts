import type { Connections } from '#control-plane/api/connection-guard.ts';
import { openNative } from '#execution/native/native.ts';

/** Tells the connections of this process. From source, and where memory must not be executable, none can be told. */
export function openConnections(): Connections {
  const native = openNative();
  if (!native.ok) return { list: () => undefined, end: () => {} };
  const { connections } = native.value;
  return {
    list: (port) => {
      const found = connections.list(port);
      return found.ok ? found.value.map(({ descriptor, ...end }) => ({ id: descriptor, ...end })) : undefined;
    },
    end: connections.end,
  };
}
