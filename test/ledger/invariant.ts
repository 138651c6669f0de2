/**
 * What holds of every history that kept the rules, read from the bare records in one go, corrections in place: written from
 * the requirement, without the state and without the rules.
 */

import type { EventType } from '../../src/ledger/event.ts';
import type { RecordOf, Unsigned } from '../../src/ledger/record.ts';

export function breachesOf(records: readonly Unsigned[]): readonly string[] {
  const history = corrected(records);
  return [
    ...signers(records),
    ...applies(history),
    ...approvals(history),
    ...statuses(history),
    ...nodes(history),
    ...runs(history),
  ];
}

function of<T extends EventType>(records: readonly Unsigned[], ...types: readonly T[]): readonly RecordOf<T>[] {
  return records.filter((record): record is RecordOf<T> => types.some((type) => type === record.type));
}

/** Each record with the data of its last correction. The schema of the data was checked when it was taken. */
function corrected(records: readonly Unsigned[]): readonly Unsigned[] {
  const data = new Map(of(records, 'correction').map((record) => [record.data.amends, record.data.data]));
  return records.map((record) => Object.assign({}, record, data.has(record.id) ? { data: data.get(record.id) } : {}));
}

/** Who signs was let in by an admin and has not gone; one admin always stays. */
function signers(records: readonly Unsigned[]): readonly string[] {
  const roles = new Map<string, string>();
  const ends = new Map<string, string>();
  const breaches: string[] = [];
  for (const record of records) {
    const { operator, id, at } = record;
    if (record.type === 'ledger-opened')
      for (const each of record.data.operators) roles.set(each.operatorId, each.role);
    const end = ends.get(operator);
    if (!roles.has(operator)) breaches.push(`${id}: ${operator} is nobody`);
    if (end !== undefined && Date.parse(end) <= Date.parse(at)) breaches.push(`${id}: ${operator} has gone on ${end}`);
    const governs = ['operator-added', 'operator-changed', 'operator-removed'].includes(record.type);
    if (governs && roles.get(operator) !== 'admin') breaches.push(`${id}: ${operator} governs`);
    if (record.type === 'operator-added' || record.type === 'operator-changed') {
      const { operatorId, role, expiresAt } = record.data;
      if (role !== undefined) roles.set(operatorId, role);
      if (expiresAt === null || (expiresAt === undefined && record.type === 'operator-added')) ends.delete(operatorId);
      else if (expiresAt !== undefined) ends.set(operatorId, expiresAt);
    }
    if (record.type === 'operator-removed') roles.delete(record.data.operatorId);
    if (![...roles].some(([name, role]) => role === 'admin' && !ends.has(name)))
      breaches.push(`${id}: no admin is left`);
  }
  return breaches;
}

/** Evidence before apply, of the same manifests; critical ones approved by somebody else; a runbook is referred to. */
function applies(history: readonly Unsigned[]): readonly string[] {
  return of(history, 'change-applied').flatMap(({ id, data }) => {
    const before = history.slice(
      0,
      history.findIndex((record) => record.id === id),
    );
    const ofChange = of(before, 'evidence-attached').filter((record) => record.data.changeId === data.changeId);
    const newest = ofChange.at(-1)?.data;
    const created = of(before, 'change-created').find((record) => record.data.changeId === data.changeId);
    const updates = of(before, 'change-updated').filter((record) => record.data.changeId === data.changeId);
    const critical = [created, ...updates].some((record) => record?.data.critical);
    const approvers = of(before, 'change-approved').filter((record) => record.data.evidenceId === data.evidenceId);
    const runbooks = [created, ...updates].findLast((record) => record?.data.runbookUpdates)?.data.runbookUpdates ?? [];
    const breaches: string[] = [];
    if (newest?.evidenceId !== data.evidenceId) breaches.push('another evidence is newer');
    if (newest?.manifestHash !== data.manifestHash) breaches.push('the evidence is of other manifests');
    if (newest && Date.parse(newest.timestamp) > Date.parse(data.startedAt))
      breaches.push('the evidence came after it');
    if (critical && !approvers.some((record) => record.data.changeId === data.changeId))
      breaches.push('nobody approved');
    if (!data.rollback && runbooks.length === 0) breaches.push('no runbook');
    return breaches.map((breach) => `${id}: ${breach}`);
  });
}

function approvals(history: readonly Unsigned[]): readonly string[] {
  return of(history, 'change-approved').flatMap(({ id, operator, data }) => {
    const authors = of(history, 'change-created', 'evidence-attached').filter(
      (record) =>
        record.data.changeId === data.changeId &&
        (record.type === 'change-created' || record.data.evidenceId === data.evidenceId),
    );
    return authors.some((record) => record.operator === operator || record.data['operatorId'] === operator)
      ? [`${id}: ${operator} approves own work`]
      : [];
  });
}

const AFTER = ['draft', 'pending-review', 'applied', 'rolled-back'];

/** Forward, one step at a time; nothing is applied twice over. */
function statuses(history: readonly Unsigned[]): readonly string[] {
  const now = new Map<string, number>();
  const breaches: string[] = [];
  for (const record of of(history, 'change-created', 'change-updated', 'evidence-attached', 'change-applied')) {
    const { changeId } = record.data;
    const before = now.get(changeId) ?? -1;
    if (record.type === 'evidence-attached') now.set(changeId, Math.max(before, 1));
    else if (record.type === 'change-applied') {
      if (before === 3) breaches.push(`${record.id}: applied after it was rolled back`);
      if (record.data.exitCode === 0) now.set(changeId, record.data.rollback ? 3 : 2);
    } else if (record.data.status !== undefined) {
      const next = AFTER.indexOf(record.data.status);
      const begins = record.type === 'change-created';
      if (begins ? next > 1 : next !== before && next !== before + 1)
        breaches.push(`${record.id}: ${before} to ${next}`);
      now.set(changeId, next);
    }
  }
  return breaches;
}

function nodes(history: readonly Unsigned[]): readonly string[] {
  const there = new Map<string, string>();
  const breaches: string[] = [];
  let deviates = false;
  for (const record of of(history, 'node-recorded', 'node-removed', 'deviation-recorded')) {
    if (record.type === 'deviation-recorded') deviates = true;
    else if (record.type === 'node-removed') there.delete(record.data.nodeId);
    else there.set(record.data.nodeId, record.data.ipAddress);
    if (new Set(there.values()).size < there.size) breaches.push(`${record.id}: an address twice`);
    if (record.type === 'node-recorded' && there.size > 10 && !deviates)
      breaches.push(`${record.id}: ${there.size} nodes`);
  }
  return breaches;
}

/** A run starts on a node whose last run failed only where some incident has a remediation. */
function runs(history: readonly Unsigned[]): readonly string[] {
  const lastEnd = new Map<string, { readonly end: number; readonly failed: boolean }>();
  const onNodes = new Map<string, readonly string[]>();
  const breaches: string[] = [];
  let remedies = 0;
  for (const record of history) {
    if (record.type === 'incident-opened' || record.type === 'incident-updated')
      remedies += record.data.remediation ? 1 : 0;
    if (record.type === 'run-started') {
      const names = record.data.nodes.map(({ nodeId }) => nodeId);
      if (remedies === 0 && names.some((name) => lastEnd.get(name)?.failed))
        breaches.push(`${record.id}: after a failure`);
      onNodes.set(record.data.runId, names);
    }
    if (record.type !== 'run-finished' && record.type !== 'rebuild-recorded') continue;
    const names = record.type === 'rebuild-recorded' ? [record.data.nodeId] : (onNodes.get(record.data.runId) ?? []);
    const end = Date.parse(record.data.completedAt);
    for (const name of names) {
      if (end >= (lastEnd.get(name)?.end ?? 0)) lastEnd.set(name, { end, failed: record.data.status === 'failed' });
    }
  }
  return breaches;
}
