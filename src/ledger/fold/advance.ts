import type { Unsigned } from '../record.ts';
import type { State } from '../state.ts';
import * as changes from './changes.ts';
import * as people from './people.ts';
import * as runs from './runs.ts';
import * as upkeep from './upkeep.ts';

/** What the state is after a record that keeps the rules: its own words alone, corrections and merges aside. */
export function advance(state: State, record: Unsigned): State {
  return withArtifacts(said(state, record), record);
}

function said(state: State, record: Unsigned): State {
  switch (record.type) {
    case 'ledger-opened':
      return people.openLedger(state, record);
    case 'operator-added':
      return people.addOperator(state, record);
    case 'operator-changed':
      return people.changeOperator(state, record);
    case 'operator-removed':
      return people.removeOperator(state, record);
    case 'key-rotated':
      return people.rotateKey(state, record);
    case 'key-revoked':
      return people.revokeKey(state, record);
    case 'node-recorded':
      return runs.recordNode(state, record);
    case 'node-removed':
      return runs.removeNode(state, record);
    case 'bootstrap-recorded':
      return runs.recordBootstrap(state, record);
    case 'rebuild-recorded':
      return runs.recordRebuild(state, record);
    case 'upgrade-recorded':
      return runs.recordUpgrade(state, record);
    case 'run-started':
      return runs.startRun(state, record);
    case 'run-finished':
      return runs.finishRun(state, record);
    case 'change-created':
      return changes.createChange(state, record);
    case 'change-updated':
      return changes.updateChange(state, record);
    case 'change-approved':
      return changes.approveChange(state, record);
    case 'evidence-attached':
      return changes.attachEvidence(state, record);
    case 'change-applied':
      return changes.applyChange(state, record);
    default:
      return keptUp(state, record);
  }
}

type Upkeep = Exclude<Unsigned['type'], `${'operator' | 'key' | 'node' | 'run' | 'change'}-${string}` | Recorded>;
type Recorded = 'ledger-opened' | 'bootstrap-recorded' | 'rebuild-recorded' | 'upgrade-recorded' | 'evidence-attached';

function keptUp(state: State, record: Extract<Unsigned, { readonly type: Upkeep }>): State {
  switch (record.type) {
    case 'rotation-recorded':
      return upkeep.recordRotation(state, record);
    case 'alert-route-recorded':
      return upkeep.recordAlertRoute(state, record);
    case 'alert-tested':
      return upkeep.testAlert(state, record);
    case 'alert-delivered':
      return upkeep.deliverAlert(state, record);
    case 'alert-acknowledged':
      return upkeep.acknowledgeAlert(state, record);
    case 'drift-reported':
      return upkeep.reportDrift(state, record);
    case 'probe-recorded':
      return upkeep.recordProbe(state, record);
    case 'incident-opened':
      return upkeep.openIncident(state, record);
    case 'incident-updated':
      return upkeep.updateIncident(state, record);
    case 'drill-recorded':
      return upkeep.recordDrill(state, record);
    case 'runbook-recorded':
      return upkeep.recordRunbook(state, record);
    case 'deviation-recorded':
      return upkeep.recordDeviation(state, record);
    case 'action-recorded':
      return upkeep.recordAction(state, record);
    case 'artifact-tombstoned':
      return upkeep.buryArtifact(state, record);
    case 'correction':
    case 'ledger-merged':
      return state; // what these say is about other records: the fold reads it
    default:
      return record satisfies never;
  }
}

function withArtifacts(state: State, { artifacts, id }: Unsigned): State {
  if (artifacts.length === 0) return state;
  const known = artifacts.reduce(
    (before, { path, sha256 }) => (before.has(path) ? before : before.with(path, { sha256, record: id })),
    state.artifacts,
  );
  return { ...state, artifacts: known };
}
