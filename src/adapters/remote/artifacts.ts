import type { ArtifactSink } from '#domain/artifact.ts';
import { type ServerAddress, upload } from './http.ts';

/** The place for artifacts that a server has. */
export function openRemoteArtifacts(address: ServerAddress): ArtifactSink {
  return { put: (path, file) => upload(address, `worker/artifacts?path=${encodeURIComponent(path)}`, file) };
}
