/** Who may sign, and who may say who may sign. */
import type { Operator } from '../entity.ts';
import { type EventType, eventTypes } from '../event.ts';
import { advance } from '../fold/advance.ts';
import { isBefore } from '../moment.ts';
import type { RecordOf } from '../record.ts';
import type { State } from '../state.ts';
import { type Rule, rule } from './rule.ts';

const GOVERNING = ['operator-added', 'operator-changed', 'operator-removed', 'key-rotated', 'key-revoked'] as const;
const afterFirst: readonly EventType[] = eventTypes.filter((type) => type !== 'ledger-opened');

export const peopleRules: readonly Rule[] = [
  rule('ledger-open', eventTypes, ({ state }, { type, seq }) => {
    if (type === 'ledger-opened') return state.ledger || seq !== 1 ? 'the ledger is open already' : undefined;
    return state.ledger ? undefined : `no ledger is open before this ${type}`;
  }),
  rule('signer-known', ['ledger-opened'], (_, { operator, data }) => {
    const isThere = data.operators.some(({ operatorId, role }) => operatorId === operator && role === 'admin');
    return isThere ? undefined : `${operator} opens the ledger and is no admin in it`;
  }),
  rule('signer-known', afterFirst, ({ state }, { operator }) => {
    const known = state.operators.get(operator);
    if (!known) return state.ledger ? `${operator} is no operator of this ledger` : undefined;
    return known.removed ? `${operator} was removed on ${known.removed.at}: ${known.removed.reason}` : undefined;
  }),
  rule('signer-expired', afterFirst, ({ state }, { operator, at }) => {
    const expiresAt = state.operators.get(operator)?.expiresAt;
    return expiresAt !== undefined && !isBefore(at, expiresAt)
      ? `the term of ${operator} ended on ${expiresAt}`
      : undefined;
  }),
  rule('signer-key', ['ledger-opened'], ({ key }, { operator, data }) => {
    const own = data.operators.find(({ operatorId }) => operatorId === operator);
    return key !== undefined && own && !own.keys.includes(key)
      ? `the key that signed is none of ${operator}`
      : undefined;
  }),
  rule('signer-key', afterFirst, ({ state, key }, { operator }) => {
    const own = state.operators.get(operator);
    return key === undefined || !own || own.removed ? undefined : keyObjection(own, key);
  }),
  rule('server-records', ['change-approved', 'artifact-tombstoned'], ({ state }, { operator, type }) =>
    state.operators.get(operator)?.role === 'server' ? `${operator} has role server and signs no ${type}` : undefined,
  ),
  rule('admin-governs', GOVERNING, ({ state }, { operator, type, data }) => {
    const role = state.operators.get(operator)?.role;
    const isOwnKey = (type === 'key-rotated' || type === 'key-revoked') && data.operatorId === operator;
    if (role === undefined || role === 'admin' || isOwnKey) return undefined;
    return `${operator} has role ${role}, and ${type} of ${data.operatorId} is for an admin`;
  }),
  rule('operator-new', ['ledger-opened'], (_, { data }) => {
    const twice = repeated(data.operators.map(({ operatorId }) => operatorId));
    return twice === undefined ? undefined : { message: `${twice} stands twice`, field: 'operators' };
  }),
  rule('operator-new', ['operator-added'], ({ state }, { data: { operatorId } }) => {
    const there = state.operators.get(operatorId);
    return there && !there.removed
      ? { message: `${operatorId} is an operator already`, field: 'operatorId' }
      : undefined;
  }),
  rule('id-known', ['operator-changed', 'operator-removed', 'key-rotated', 'key-revoked'], ({ state }, { data }) => {
    const there = state.operators.get(data.operatorId);
    if (there && !there.removed) return undefined;
    return { message: `there is no operator ${data.operatorId}`, field: 'operatorId' };
  }),
  rule('key-one-owner', ['ledger-opened'], (_, { data }) => {
    const twice = repeated(data.operators.flatMap(({ keys }) => keys));
    return twice === undefined ? undefined : { message: `the key ${twice} stands twice`, field: 'operators' };
  }),
  rule('key-one-owner', ['operator-added'], ({ state }, { data }) => {
    const twice = repeated(data.keys);
    if (twice !== undefined) return { message: `the key ${twice} stands twice`, field: 'keys' };
    return data.keys.map((key) => usedKey(state, key)).find((breach) => breach !== undefined);
  }),
  rule('key-one-owner', ['key-rotated'], ({ state }, { data }) => usedKey(state, data.newKey)),
  rule('key-held', ['key-rotated', 'key-revoked'], ({ state }, { type, data }) => {
    const key = type === 'key-rotated' ? data.oldKey : data.key;
    const own = state.operators.get(data.operatorId);
    if (!own || own.removed || heldKeys(own).includes(key)) return undefined;
    return { message: `${data.operatorId} holds no key ${key}`, field: type === 'key-rotated' ? 'oldKey' : 'key' };
  }),
  rule('key-by-old', ['key-rotated'], ({ key }, { operator, data }) =>
    key !== undefined && operator === data.operatorId && key !== data.oldKey
      ? `${operator} rotates a key of their own and does not sign with it`
      : undefined,
  ),
  rule('admin-stays', ['ledger-opened', ...GOVERNING], ({ state }, record) => adminObjection(state, record)),
];

function keyObjection(operator: Operator, key: string): string | undefined {
  const own = operator.keys.find(({ publicKey, ended }) => publicKey === key && ended === undefined);
  if (own) return undefined;
  const past = operator.keys.find(({ publicKey }) => publicKey === key);
  return past
    ? `the key that signed was ${past.ended} on ${past.endedAt}; it was one of ${operator.operatorId}`
    : `the key that signed is none of ${operator.operatorId}`;
}

function heldKeys({ keys }: Operator): readonly string[] {
  return keys.filter(({ ended }) => ended === undefined).map(({ publicKey }) => publicKey);
}

/** A key that somebody holds, or that nobody should ever hold again. */
function usedKey(state: State, key: string): { readonly message: string; readonly field: string } | undefined {
  for (const { operatorId, keys } of state.operators.values()) {
    const used = keys.find(({ publicKey, ended }) => publicKey === key && ended !== 'removed');
    if (!used) continue;
    const message = used.ended
      ? `the key was ${used.ended} for ${operatorId}: ${key}`
      : `${operatorId} holds it: ${key}`;
    return { message, field: 'keys' };
  }
  return undefined;
}

function repeated(words: readonly string[]): string | undefined {
  return words.find((word, index) => words.indexOf(word) !== index);
}

function adminObjection(
  state: State,
  record: RecordOf<'ledger-opened' | (typeof GOVERNING)[number]>,
): string | undefined {
  const after = [...advance(state, record).operators.values()];
  const stays = after.some(
    (operator) =>
      operator.role === 'admin' &&
      !operator.removed &&
      operator.expiresAt === undefined &&
      heldKeys(operator).length > 0,
  );
  return stays ? undefined : 'no admin without an end of term would be left';
}
