/**
 * What Kubernetes' default admission plugins do with the kinds that are served, as rows: a row may change a new object
 * or refuse a write. They run inside the write's transaction, so what they read cannot change under them.
 */
import type { JsonObject } from './json.ts';
import { at, textAt, withAt } from './json.ts';
import type { Kind } from './kind.ts';
import { amount } from './kinds/amount.ts';
import { claimClass, hasClass, requestOf } from './kinds/claim.ts';
import { withPodAdmission, withTolerations } from './kinds/pod.ts';
import { isDefaultClass } from './kinds/storage-class.ts';
import { ATTRIBUTES_PROTECTION } from './kinds/storage-rules.ts';
import { ATTRIBUTES_CLASSES, CLAIMS, NAMESPACES, PODS, STORAGE_CLASSES, shelfName, VOLUMES } from './kinds.ts';
import { checkLimits, withContainerLimits } from './limits.ts';
import { finalizersOf, isTerminating } from './metadata.ts';
import { withAccount } from './pod-account.ts';
import { checkQuotas } from './quota.ts';
import { forbidden, notFound } from './refusal.ts';
import type { Reading, Transaction } from './store.ts';

export interface Admitted {
  readonly kind: Kind;
  readonly namespace: string;
  /** Empty while it is still to be generated. */
  readonly name: string;
  readonly object: JsonObject;
  /** Undefined for a new object. */
  readonly current: JsonObject | undefined;
}

/** Who keeps an object that is in use, by kind. */
const PROTECTIONS: ReadonlyMap<string, string> = new Map([
  [CLAIMS, 'kubernetes.io/pvc-protection'],
  [VOLUMES, 'kubernetes.io/pv-protection'],
  [ATTRIBUTES_CLASSES, ATTRIBUTES_PROTECTION],
]);

type Mutation = (reading: Reading, write: Admitted, next: () => number) => JsonObject;

const mutations: readonly Mutation[] = [
  (_reading, { kind, object }) => (shelfName(kind) === PODS ? withPodAdmission(object) : object),
  (reading, write) => (shelfName(write.kind) === PODS ? withContainerLimits(reading, write) : write.object),
  (reading, write, next) => (shelfName(write.kind) === PODS ? withAccount(reading, write, next) : write.object),
  (_reading, { kind, object }) => {
    const finalizer = PROTECTIONS.get(shelfName(kind));
    return finalizer === undefined ? object : withFinalizer(object, finalizer);
  },
  (reading, { kind, object }) => {
    if (shelfName(kind) !== CLAIMS || hasClass(object)) return object;
    const name = defaultClass(reading);
    return name === undefined ? object : withAt(object, ['spec', 'storageClassName'], name);
  },
];

/**
 * Refuses a new object in a namespace that is not there or on its way out, then lets every row change it. `next` gives
 * numbers from 0 to 1, for names.
 */
export function admitNew(reading: Reading, write: Admitted, next: () => number): JsonObject {
  checkNamespace(reading, write);
  return mutations.reduce((object, mutate) => mutate(reading, { ...write, object }, next), write.object);
}

/** What is added to an object that is changed. */
export function admitChange(kind: Kind, object: JsonObject): JsonObject {
  return shelfName(kind) === PODS ? withTolerations(object) : object;
}

function checkNamespace(reading: Reading, { kind, namespace, name }: Admitted): void {
  if (!kind.namespaced) return;
  const found = reading.get(NAMESPACES, namespace);
  if (!found) throw notFound({ group: '', plural: 'namespaces', kind: 'Namespace' }, namespace);
  if (!isTerminating(found.object)) return;
  const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
  const causes = [
    {
      reason: 'NamespaceTerminating',
      message: `namespace ${namespace} is being terminated`,
      field: 'metadata.namespace',
    },
  ];
  throw forbidden(kind, name, why, { causes });
}

/** The last word before the write, when the object is complete and valid. @throws Refusal 403 */
export function admit(transaction: Transaction, write: Admitted): void {
  checkLimits(transaction, write);
  if (shelfName(write.kind) !== CLAIMS) return;
  checkExpansion(transaction, write);
  checkQuotas(transaction, write);
}

function checkExpansion(reading: Reading, { kind, name, object, current }: Admitted): void {
  if (!current || amount(requestOf(object)) <= amount(requestOf(current))) return;
  if (textAt(current, 'status', 'phase') !== 'Bound') {
    throw forbidden(kind, name, 'Only bound persistent volume claims can be expanded');
  }
  const className = claimClass(object);
  const storageClass = className === claimClass(current) ? reading.get(STORAGE_CLASSES, className) : undefined;
  if (storageClass && at(storageClass.object, 'allowVolumeExpansion') === true) return;
  const why =
    'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize';
  throw forbidden(kind, name, why);
}

/** The newest of the classes that are marked as the default. */
function defaultClass(reading: Reading): string | undefined {
  let best: { readonly name: string; readonly time: string } | undefined;
  for (const { name, object } of reading.list(STORAGE_CLASSES)) {
    const time = textAt(object, 'metadata', 'creationTimestamp') ?? '';
    if (isDefaultClass(object) && (!best || time > best.time)) best = { name, time };
  }
  return best?.name;
}

function withFinalizer(object: JsonObject, finalizer: string): JsonObject {
  const finalizers = finalizersOf(object);
  if (finalizers.includes(finalizer)) return object;
  return withAt(object, ['metadata', 'finalizers'], [...finalizers, finalizer]);
}
