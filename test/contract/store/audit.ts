import { expect } from 'bun:test';
import type { AuditEntry } from '#domain/admin-store.ts';
import { DAY_MS, type StoreContract } from './fixtures.ts';

/** What every store promises about the audit log. */
export function auditContract({ test, open }: StoreContract): void {
  test('the audit log is read newest first, page by page', async () => {
    await using store = await open();
    const entry = (subject: string, at = Date.now()): AuditEntry => {
      return { at, actor: 'ada\0', token: '7', address: '127.0.0.1', action: 'POST /x', subject, status: 201 };
    };
    await store.saveAudit([entry('a'), entry('b')]);
    await store.saveAudit([{ ...entry('c'), token: undefined, address: undefined }]);
    await store.saveAudit([entry('ancient', Date.now() - 500 * DAY_MS)]);
    const newest = await store.listAudit({}, 3);
    expect(newest.map((one) => one.subject)).toEqual(['ancient', 'c', 'b']);
    expect(newest[1]).toMatchObject({ token: undefined, address: undefined, status: 201 });
    expect((await store.listAudit({ before: newest[2]?.id }, 10)).map((one) => one.subject)).toEqual(['a']);
    await store.keepLogs(14);
    await store.saveAudit([{ ...entry('d'), actor: 'grace' }]);
    expect((await store.listAudit({ actor: 'grace' }, 10)).map((one) => one.subject)).toEqual(['d']);
    expect((await store.listAudit({ actor: 'nobody' }, 10)).map((one) => one.subject)).toEqual([]);
    expect((await store.listAudit({}, 10)).map((one) => one.subject)).toEqual(['d', 'c', 'b', 'a']);
  });
}
