import type { HideParameters } from '#domain/admin-store.ts';
import type { Cipher, Place } from '#domain/cipher.ts';
import { messageOf } from '#domain/errors.ts';
import { isRecord } from '#domain/record.ts';
import type { DueSchedule } from '#domain/schedule.ts';
import { decryptValue, encryptValue } from './key-values.ts';
import type { EncryptedParameters } from './secret-parameters.ts';

/** A schedule whose action calls some parameters secret. */
export interface OpenSchedule {
  readonly id: string | number;
  readonly parameters: unknown;
  readonly schema: unknown;
}

interface HiddenSchedule {
  readonly id: number;
  readonly parameters: unknown;
  readonly encrypted: EncryptedParameters | null;
}

/** Hides the parameters of schedules that have become secret: encrypted with the key, else they are gone for good. */
export function hideSchedules(
  rows: readonly OpenSchedule[],
  hide: HideParameters,
  cipher: Cipher | undefined,
): readonly HiddenSchedule[] {
  return rows.flatMap(({ id, parameters, schema }) => {
    const shown = hide({ parameters, parameterSchema: schema ?? undefined, isActionGone: false });
    if (JSON.stringify(shown) === JSON.stringify(parameters)) return [];
    return [
      { id: Number(id), parameters: shown, encrypted: cipher ? encryptValue(parameters, placeOf(id), cipher) : null },
    ];
  });
}

/** The parameters of a schedule as they were given, or why they cannot be read. */
export function readScheduleParameters(
  { id, parameters }: Pick<OpenSchedule, 'id' | 'parameters'>,
  encrypted: EncryptedParameters | null,
  cipher: Cipher | undefined,
): Pick<DueSchedule, 'parameters' | 'unreadable'> {
  const shown = isRecord(parameters) ? parameters : {};
  if (!encrypted) return { parameters: shown, unreadable: undefined };
  try {
    const what = `the secret parameters of schedule ${id}`;
    const found = decryptValue({ what, ...encrypted, place: placeOf(id) }, cipher);
    return { parameters: isRecord(found) ? found : {}, unreadable: undefined };
  } catch (error) {
    return { parameters: shown, unreadable: messageOf(error) };
  }
}

function placeOf(id: string | number): Place {
  return ['schedule', 'encrypted_parameters', String(id)];
}
