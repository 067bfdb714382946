import type { ArtifactSink } from '#domain/artifact.ts';
import { type ServerAddress, upload } from './http.ts';

/** Opens the storage of artifacts that a server offers through its API. */
export function openRemoteArtifacts(address: ServerAddress): ArtifactSink {
  return { put: (path, bytes) => upload(address, `worker/artifacts?path=${encodeURIComponent(path)}`, bytes) };
}
