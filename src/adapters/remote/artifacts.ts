import type { ArtifactSink } from '#domain/artifact.ts';
import { INSTANCE_HEADER } from '#wire/artifacts.ts';
import { type ServerAddress, upload } from './http.ts';

/**
 * Opens the storage of artifacts that a server offers through its API. A worker with a login of the database shows by
 * the name of its instance that the executions are its own.
 */
export function openRemoteArtifacts(address: ServerAddress, instance: string): ArtifactSink {
  const headers = { [INSTANCE_HEADER]: instance };
  return {
    put: (path, bytes) =>
      upload(address, { path: `worker/artifacts?path=${encodeURIComponent(path)}`, headers, bytes }),
  };
}
