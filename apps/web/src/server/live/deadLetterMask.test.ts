import { permissionsOf, ROLES } from '@ebap/pipeline/access';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maskRecord, outline, previewRightsOf } from './deadLetterMask.ts';

const MASKED = { personalIds: false };
const ALL = { personalIds: true };

describe('who sees personal ids', () => {
  it.each(ROLES)('is for %s what the access matrix says', (role) => {
    expect(previewRightsOf(permissionsOf([role]))).toEqual({ personalIds: role === 'admin' });
  });
});

describe('a masked record', () => {
  it('keeps what tells why it was refused', () => {
    const record = { id: 'x', action: 'buy', timestamp: 5, metadata: { amount: '-1', item_id: 'sku', note: '<img>' } };
    expect(maskRecord(record, MASKED)).toEqual(record);
  });

  it.each([
    'user_id',
    'userId',
    'USER-ID',
    'anonymousId',
    'customer',
    'memberNo',
    'name',
    'firstName',
    'phone_number',
    'ip',
    'workEmail',
    'cardNumber',
    'accessToken',
  ])('has no value of %s', (name) => {
    expect(maskRecord({ [name]: 'Ada 1' }, MASKED)).toEqual({ [name]: '[masked]' });
    expect(maskRecord({ deep: [{ [name]: { inside: 'Ada 1' } }] }, MASKED)).toEqual({ deep: [{ [name]: '[masked]' }] });
    expect(maskRecord({ [name]: 'Ada 1' }, ALL)).toEqual({ [name]: 'Ada 1' });
  });

  it('withholds e-mail address and payment hash from everybody', () => {
    for (const rights of [MASKED, ALL])
      for (const name of ['email', 'payment_hash', 'paymentHash'])
        expect(maskRecord({ [name]: 'x' }, rights)).toEqual({ [name]: '[withheld]' });
  });

  it('has no trace of the user id elsewhere, nor what looks like an e-mail address', () => {
    const record = { user_id: 4711, note: 'order 4711 of ada@example.test', list: ['4711'], n: 4711, 'key 4711': 1 };
    expect(JSON.stringify(maskRecord(record, MASKED))).not.toMatch(/4711|ada@/);
  });

  it('never holds the user id, wherever a producer repeats it', () => {
    const userId = fc.string({ minLength: 8, maxLength: 20 }).map((text) => `<${text}>`);
    fc.assert(
      fc.property(userId, fc.jsonValue({ maxDepth: 4 }), (id, other) => {
        const masked = JSON.stringify(
          maskRecord({ other, metadata: { note: `a ${id} b`, [id]: [id] }, userId: id }, MASKED),
        );
        expect(masked).not.toContain(JSON.stringify(id).slice(1, -1));
      }),
    );
  });

  it('is nothing where values are too deep to be looked at, or are no record', () => {
    let deep: unknown = { email: 'ada@example.test' };
    for (let i = 0; i < 40; i++) deep = [deep];
    for (const rights of [MASKED, ALL]) expect(JSON.stringify(maskRecord(deep, rights))).not.toContain('ada');
    expect(maskRecord('ada-1', MASKED)).toBe('xxx-x');
    expect(maskRecord(4711, MASKED)).toBe('[masked]');
  });
});

it('outlines text that is no JSON so that the fault can still be found', () => {
  expect(outline(`{"user_id": 'Ada_1', "action": "view" oops}`)).toBe(`{"user_id": 'xxxxx', "action": "view" xxxx}`);
});
