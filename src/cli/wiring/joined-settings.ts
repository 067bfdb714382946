import { resolve } from 'node:path';
import { openSharedVolume } from '#adapters/artifacts/shared-volume.ts';
import type { Config } from '#config/schema.ts';
import type { LogRetention, SharedVolume } from '#domain/shared-volume.ts';
import { isWritable } from '#execution/process/writable-home.ts';
import type { JoinedSettings } from '#worker/execution-settings.ts';
import { systemClock } from './clock.ts';

/** The settings of a worker for executions that Attune's Rust control plane schedules. */
export function joinedSettingsOf(config: Config): JoinedSettings {
  return {
    apiUrl: config.api_url ?? addressOf(config.server),
    tokenSecret: config.security.jwt_secret,
    clock: systemClock,
    volume: sharedVolumeOf(config),
  };
}

/** Where the store finds the files of executions of Attune's Rust control plane; undefined if it is not mounted here. */
export function sharedFilesOf(
  config: Config,
): { readonly volume: SharedVolume; readonly retention: LogRetention } | undefined {
  const volume = sharedVolumeOf(config);
  const { execution_log_retention_policy: policy, execution_log_retention_limit: limit } = config.worker;
  return volume && { volume, retention: { policy, limit } };
}

/** The directory that Attune's Rust control plane shares with its workers; undefined if it is not writable here. */
function sharedVolumeOf({ artifacts_dir: directory }: Config): SharedVolume | undefined {
  const path = resolve(directory);
  return isWritable(path) ? openSharedVolume(path) : undefined;
}

/** The address of an API by its settings: what listens on every address is asked at this machine's own. */
function addressOf({ host, port }: Config['server']): string {
  const isAny = ['0.0.0.0', '::', '[::]'].includes(host);
  return `http://${isAny ? '127.0.0.1' : host}:${port}`;
}
