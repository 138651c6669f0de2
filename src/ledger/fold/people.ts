/** Steps of the fold for who may sign. */
import type { Operator, OperatorKey } from '../entity.ts';
import type { EventData } from '../event.ts';
import type { RecordOf, Unsigned } from '../record.ts';
import type { State } from '../state.ts';

export function openLedger(state: State, record: RecordOf<'ledger-opened'>): State {
  const { ledgerId, title, operators } = record.data;
  const opened: State = { ...state, ledger: { ledgerId, title, openedAt: record.at } };
  return operators.reduce((before, operator) => withOperator(before, operator, record), opened);
}

export function addOperator(state: State, record: RecordOf<'operator-added'>): State {
  return withOperator(state, record.data, record);
}

export function changeOperator(state: State, record: RecordOf<'operator-changed'>): State {
  const { operatorId, role, expiresAt } = record.data;
  return changed(state, operatorId, record, (operator) => ({
    ...operator,
    role: role ?? operator.role,
    ...(expiresAt === undefined ? {} : { expiresAt: expiresAt ?? undefined, expirySaidAt: record.at }),
  }));
}

export function removeOperator(state: State, record: RecordOf<'operator-removed'>): State {
  const { operatorId, reason } = record.data;
  return changed(state, operatorId, record, (operator) => ({
    ...operator,
    keys: operator.keys.map((key) => (key.ended === undefined ? ended(key, 'removed', record.at) : key)),
    removed: { at: record.at, reason },
  }));
}

export function rotateKey(state: State, record: RecordOf<'key-rotated'>): State {
  const { operatorId, oldKey, newKey } = record.data;
  return changed(state, operatorId, record, (operator) => ({
    ...operator,
    keys: [...endedIn(operator.keys, oldKey, 'replaced', record.at), { publicKey: newKey, addedAt: record.at }],
  }));
}

export function revokeKey(state: State, record: RecordOf<'key-revoked'>): State {
  const { operatorId, key } = record.data;
  return changed(state, operatorId, record, (operator) => ({
    ...operator,
    keys: endedIn(operator.keys, key, 'revoked', record.at),
  }));
}

function withOperator(state: State, operator: EventData<'operator-added'>, { at, id }: Unsigned): State {
  const { operatorId, role, expiresAt } = operator;
  const before = state.operators.get(operatorId);
  const keys = operator.keys.map((publicKey) => ({ publicKey, addedAt: at }));
  // Of a key that comes back both times are kept: what it signed before its owner was removed stands.
  const added = { operatorId, role, expiresAt, keys: [...(before?.keys ?? []), ...keys], addedAt: at };
  const records = [...(before?.records ?? []), id];
  return { ...state, operators: state.operators.with(operatorId, { ...added, records }) };
}

function changed(state: State, id: string, record: Unsigned, change: (operator: Operator) => Operator): State {
  const operator = state.operators.get(id);
  if (!operator) return state;
  const next = { ...change(operator), records: [...operator.records, record.id] };
  return { ...state, operators: state.operators.with(id, next) };
}

function endedIn(
  keys: readonly OperatorKey[],
  publicKey: string,
  how: 'replaced' | 'revoked',
  at: string,
): readonly OperatorKey[] {
  return keys.map((key) => (key.publicKey === publicKey && key.ended === undefined ? ended(key, how, at) : key));
}

function ended(key: OperatorKey, how: NonNullable<OperatorKey['ended']>, at: string): OperatorKey {
  return { ...key, ended: how, endedAt: at };
}
