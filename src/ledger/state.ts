/** What the ledger says now: a pure fold of its records. Nothing in it changes; a step gives another state. */
import type {
  Acknowledgement,
  Action,
  AlertDelivery,
  AlertRoute,
  AlertTest,
  ClusterNode,
  ConfigurationChange,
  Deviation,
  DriftReport,
  Drill,
  Incident,
  Operator,
  Probe,
  ProvisioningRun,
  RunbookEntry,
  SecretsRotation,
  Tombstone,
} from './entity.ts';
import type { LedgerEvent } from './event.ts';
import { PersistentMap } from './persistent-map.ts';
import type { Unsigned } from './record.ts';

/** A record as it stands in its file, with the key that signed it where the caller told. */
export interface Kept {
  readonly record: Unsigned;
  readonly key?: string;
}

/** A record that does not count, because of a rule that it breaks only beside another branch of history. */
export interface Conflict {
  readonly id: string;
  readonly rule: string;
  /** The record that merged the branches. */
  readonly merge: string;
}

/** Every map by the id of the entity unless said otherwise, in the order in which they were first recorded. */
export interface State {
  readonly ledger: { readonly ledgerId: string; readonly title: string; readonly openedAt: string } | undefined;
  readonly operators: PersistentMap<Operator>;
  /** Also those that were removed. */
  readonly nodes: PersistentMap<ClusterNode>;
  readonly runs: PersistentMap<ProvisioningRun>;
  /** By node id: the run on it that ended last, and the end of the last one that built it. */
  readonly nodeRuns: PersistentMap<{ readonly runId: string; readonly builtAt?: string }>;
  readonly changes: PersistentMap<ConfigurationChange>;
  readonly rotations: PersistentMap<SecretsRotation>;
  readonly alertRoutes: PersistentMap<AlertRoute>;
  /** By the id of the record. */
  readonly alertTests: PersistentMap<AlertTest>;
  /** By the id of the record. */
  readonly deliveries: PersistentMap<AlertDelivery>;
  /** By fingerprint: the one that was recorded last. */
  readonly acknowledgements: PersistentMap<Acknowledgement>;
  readonly driftReports: PersistentMap<DriftReport>;
  /** The report and the probe that were observed last; undefined: there is none, and nothing is known. */
  readonly drift: DriftReport | undefined;
  readonly probe: Probe | undefined;
  readonly incidents: PersistentMap<Incident>;
  readonly drills: PersistentMap<Drill>;
  /** By path. */
  readonly runbooks: PersistentMap<RunbookEntry>;
  readonly deviations: PersistentMap<Deviation>;
  readonly actions: PersistentMap<Action>;
  /** By path: what records say of their artifacts. */
  readonly artifacts: PersistentMap<{ readonly sha256: string; readonly record: string }>;
  /** By path. */
  readonly tombstones: PersistentMap<Tombstone>;
  /** By record id: the event that replay reads in place of what the record says. */
  readonly amendments: PersistentMap<{ readonly event: LedgerEvent; readonly record: string }>;
  /** By record id. */
  readonly conflicts: PersistentMap<Conflict>;
  /** By record id: the first rule that it breaks. It does not count, and no merge has said so yet. */
  readonly unsettled: PersistentMap<string>;
  /** By record id: all records so far, also those that do not count. */
  readonly history: PersistentMap<Kept>;
}

export const emptyState: State = {
  ledger: undefined,
  operators: PersistentMap.of(),
  nodes: PersistentMap.of(),
  runs: PersistentMap.of(),
  nodeRuns: PersistentMap.of(),
  changes: PersistentMap.of(),
  rotations: PersistentMap.of(),
  alertRoutes: PersistentMap.of(),
  alertTests: PersistentMap.of(),
  deliveries: PersistentMap.of(),
  acknowledgements: PersistentMap.of(),
  driftReports: PersistentMap.of(),
  drift: undefined,
  probe: undefined,
  incidents: PersistentMap.of(),
  drills: PersistentMap.of(),
  runbooks: PersistentMap.of(),
  deviations: PersistentMap.of(),
  actions: PersistentMap.of(),
  artifacts: PersistentMap.of(),
  tombstones: PersistentMap.of(),
  amendments: PersistentMap.of(),
  conflicts: PersistentMap.of(),
  unsettled: PersistentMap.of(),
  history: PersistentMap.of(),
};
