import { keyOf, minute, opening, type Told, told } from '../teller.ts';
import { approval, change, evidence, type Vector } from './vector.ts';

const runbook = told('runbook-recorded', { path: 'docs/runbooks/a.md', title: 'a', reviewedAt: minute(0) });

function added(operatorId: string, more: Readonly<Record<string, unknown>> = {}, operator = 'ana'): Told {
  return told('operator-added', { operatorId, role: 'operator', keys: [keyOf(operatorId)], ...more }, { operator });
}
function removed(operatorId: string, operator = 'ana'): Told {
  return told('operator-removed', { operatorId, reason: 'left' }, { operator });
}
function changed(operatorId: string, more: Readonly<Record<string, unknown>>, operator = 'ana'): Told {
  return told('operator-changed', { operatorId, ...more }, { operator });
}
function rotated(operatorId: string, oldKey: string, newKey: string, operator: string, key?: string): Told {
  const data = { operatorId, oldKey: keyOf(oldKey), newKey: keyOf(newKey) };
  return told('key-rotated', data, { operator, ...(key === undefined ? {} : { key: keyOf(key) }) });
}
function revoked(operatorId: string, key: string, operator = 'ana'): Told {
  return told('key-revoked', { operatorId, key: keyOf(key), reason: 'lost' }, { operator });
}

/** An opening by ana, who is admin in it, and by whom else is said. */
function opened(...others: readonly Readonly<Record<string, unknown>>[]): Told {
  const operators = [{ operatorId: 'ana', role: 'admin', keys: [keyOf('ana')] }, ...others];
  return { ...opening, data: { ...opening.data, operators } };
}
const ben = { operatorId: 'ben', role: 'operator', keys: [keyOf('ben')] };

export const peopleVectors: readonly Vector[] = [
  { rule: 'ledger-open', about: 'a record before the opening', before: 'nothing', breaks: runbook, names: 'no ledger' },
  {
    rule: 'signer-known',
    about: 'who opens it is no admin in it',
    before: 'nothing',
    keeps: opened(ben),
    breaks: { ...opened(ben), operator: 'ben' },
    names: 'ben',
  },
  {
    rule: 'signer-key',
    about: 'who opens it signs with a key that is not said',
    before: 'nothing',
    keeps: { ...opened(ben), key: keyOf('ana') },
    breaks: { ...opened(ben), key: keyOf('ben') },
    names: 'ana',
  },
  {
    rule: 'operator-new',
    about: 'one twice in the opening',
    before: 'nothing',
    breaks: opened(ben, { ...ben, keys: [keyOf('ben2')] }),
    names: 'ben',
  },
  {
    rule: 'key-one-owner',
    about: 'one key of two operators in the opening',
    before: 'nothing',
    breaks: opened(ben, { ...ben, operatorId: 'cleo' }),
    names: keyOf('ben'),
  },
  {
    rule: 'admin-stays',
    about: 'an opening whose only admin has an end of term',
    before: 'nothing',
    breaks: {
      ...opening,
      data: {
        ...opening.data,
        operators: [{ operatorId: 'ana', role: 'admin', keys: [keyOf('ana')], expiresAt: '2027-01-01T00:00:00Z' }],
      },
    },
    names: 'admin',
  },
  {
    rule: 'ledger-open',
    about: 'a second opening',
    before: [],
    keeps: runbook,
    breaks: opening,
    names: 'open already',
  },
  {
    rule: 'signer-known',
    about: 'a stranger',
    before: [],
    keeps: { ...runbook, operator: 'ben' },
    breaks: { ...runbook, operator: 'eve' },
    names: 'eve',
  },
  {
    rule: 'signer-known',
    about: 'an operator who was removed',
    before: [removed('ben')],
    keeps: runbook,
    breaks: { ...runbook, operator: 'ben' },
    names: 'ben',
  },
  {
    rule: 'signer-expired',
    about: 'the end of a term is its first moment outside',
    before: [changed('ben', { expiresAt: '2026-03-02T00:00:00Z' })],
    keeps: { ...runbook, operator: 'ben', at: '2026-03-01T23:59:59.999Z' },
    breaks: { ...runbook, operator: 'ben', at: '2026-03-02T00:00:00.000Z' },
    names: 'ben',
  },
  {
    rule: 'signer-key',
    about: 'the key of somebody else',
    before: [],
    keeps: { ...runbook, key: keyOf('ana') },
    breaks: { ...runbook, key: keyOf('ben') },
    names: 'ana',
  },
  {
    rule: 'signer-key',
    about: 'a key that was revoked',
    before: [revoked('ben', 'ben')],
    breaks: { ...runbook, operator: 'ben', key: keyOf('ben') },
    names: 'revoked',
  },
  {
    rule: 'signer-key',
    about: 'a key that was replaced',
    before: [rotated('ben', 'ben', 'ben2', 'ben', 'ben')],
    keeps: { ...runbook, operator: 'ben', key: keyOf('ben2') },
    breaks: { ...runbook, operator: 'ben', key: keyOf('ben') },
    names: 'replaced',
  },
  {
    rule: 'server-records',
    about: 'a server approves',
    before: [change(), evidence()],
    keeps: approval('ben'),
    breaks: approval('bot'),
    names: 'bot',
  },
  {
    rule: 'admin-governs',
    about: 'an operator adds another',
    before: [],
    keeps: added('cleo'),
    breaks: added('cleo', {}, 'ben'),
    names: 'cleo',
  },
  {
    rule: 'admin-governs',
    about: 'an operator makes itself admin',
    before: [],
    keeps: changed('ben', { role: 'admin' }),
    breaks: changed('ben', { role: 'admin' }, 'ben'),
    names: 'ben',
  },
  {
    rule: 'admin-governs',
    about: 'an operator removes another',
    before: [],
    keeps: removed('bot'),
    breaks: removed('bot', 'ben'),
    names: 'bot',
  },
  {
    rule: 'admin-governs',
    about: 'an operator revokes the key of another; its own it may',
    before: [],
    keeps: revoked('ben', 'ben', 'ben'),
    breaks: revoked('bot', 'bot', 'ben'),
    names: 'bot',
  },
  {
    rule: 'admin-governs',
    about: 'an operator rotates the key of another; an admin may',
    before: [],
    keeps: rotated('bot', 'bot', 'bot2', 'ana', 'ana'),
    breaks: rotated('bot', 'bot', 'bot2', 'ben', 'ben'),
    names: 'bot',
  },
  {
    rule: 'operator-new',
    about: 'somebody who is there',
    before: [],
    keeps: added('cleo'),
    breaks: added('ben', { keys: [keyOf('ben2')] }),
    names: 'ben',
  },
  {
    rule: 'id-known',
    about: 'an operator who is not there',
    before: [],
    keeps: changed('ben', { role: 'server' }),
    breaks: changed('eve', { role: 'server' }),
    names: 'eve',
  },
  {
    rule: 'id-known',
    about: 'an operator who was removed is removed again; it may be added again with its key',
    before: [removed('ben')],
    keeps: added('ben'),
    breaks: removed('ben'),
    names: 'ben',
  },
  {
    rule: 'key-one-owner',
    about: 'a key that somebody holds',
    before: [],
    keeps: added('cleo'),
    breaks: added('cleo', { keys: [keyOf('ben')] }),
    names: 'ben',
  },
  {
    rule: 'key-one-owner',
    about: 'a key that was revoked, for whomever',
    before: [revoked('ben', 'ben'), removed('ben')],
    keeps: added('ben', { keys: [keyOf('ben2')] }),
    breaks: added('ben'),
    names: 'revoked',
  },
  {
    rule: 'key-one-owner',
    about: 'a key twice in one record',
    before: [],
    keeps: added('cleo', { keys: [keyOf('c1'), keyOf('c2')] }),
    breaks: added('cleo', { keys: [keyOf('c1'), keyOf('c1')] }),
    names: keyOf('c1'),
  },
  {
    rule: 'key-one-owner',
    about: 'back to the key before',
    before: [rotated('ben', 'ben', 'ben2', 'ben', 'ben')],
    keeps: rotated('ben', 'ben2', 'ben3', 'ben', 'ben2'),
    breaks: rotated('ben', 'ben2', 'ben', 'ben', 'ben2'),
    names: 'replaced',
  },
  {
    rule: 'key-held',
    about: 'a key that the operator does not hold',
    before: [],
    keeps: revoked('ben', 'ben'),
    breaks: revoked('ben', 'bot'),
    names: keyOf('bot'),
  },
  {
    rule: 'key-by-old',
    about: 'a rotation signed by the other key of the operator',
    before: [added('cleo', { keys: [keyOf('c1'), keyOf('c2')] })],
    keeps: rotated('cleo', 'c1', 'c3', 'cleo', 'c1'),
    breaks: rotated('cleo', 'c1', 'c3', 'cleo', 'c2'),
    names: 'cleo',
  },
  {
    rule: 'admin-stays',
    about: 'the last admin goes; with another one it may',
    before: [],
    keeps: changed('ana', { role: 'admin' }),
    breaks: removed('ana'),
    names: 'admin',
  },
  {
    rule: 'admin-stays',
    about: 'the last admin becomes something else',
    before: [added('cleo', { role: 'admin', expiresAt: '2027-01-01T00:00:00Z' })],
    keeps: changed('cleo', { role: 'operator' }),
    breaks: changed('ana', { role: 'operator' }),
    names: 'admin',
  },
  {
    rule: 'admin-stays',
    about: 'the last admin gets an end of term',
    before: [],
    keeps: changed('ben', { expiresAt: '2027-01-01T00:00:00Z' }),
    breaks: changed('ana', { expiresAt: '2027-01-01T00:00:00Z' }),
    names: 'admin',
  },
  {
    rule: 'admin-stays',
    about: 'the last key of the last admin',
    before: [],
    breaks: revoked('ana', 'ana'),
    names: 'admin',
  },
];
