import type { ArtifactSink } from '#domain/artifact.ts';
import type { Clock } from '#domain/clock.ts';
import { MINUTE_MS } from '#domain/durations.ts';
import { INSTANCE_HEADER } from '#wire/artifacts.ts';
import { type ServerAddress, upload } from './http.ts';
import { createWatchdog } from './watchdog.ts';

/** A server that has taken nothing for so long is given up; what it has taken, it may pass on to a slow place. */
const SILENCE_MS = MINUTE_MS;

/**
 * Opens the storage of artifacts that a server offers through its API. A worker with a login of the database shows by
 * the name of its instance that the executions are its own.
 */
export function openRemoteArtifacts(address: ServerAddress, instance: string, clock: Clock): ArtifactSink {
  const headers = { [INSTANCE_HEADER]: instance };
  return {
    put: async (path, bytes) => {
      using silence = createWatchdog(clock, SILENCE_MS);
      const noted = new TransformStream<Uint8Array, Uint8Array>({
        transform: (chunk, controller) => {
          silence.reset();
          controller.enqueue(chunk);
        },
      });
      await upload(address, {
        path: `worker/artifacts?path=${encodeURIComponent(path)}`,
        headers,
        bytes: bytes.pipeThrough(noted),
        stop: silence.signal,
      });
    },
  };
}
