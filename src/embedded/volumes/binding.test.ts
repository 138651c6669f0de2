import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { kinds, type PersistentVolume, type PersistentVolumeClaim } from '../../kube/kinds.ts';
import { applyMergePatch } from '../../kube/patch.ts';
import { annotation } from './annotation.ts';
import { bind } from './bind.ts';
import {
  type MergePatch,
  patchClaim,
  patchClaimStatus,
  patchUnbound,
  patchVolume,
  patchVolumeStatus,
} from './binding.ts';
import { reclaim } from './reclaim.ts';

const claim: PersistentVolumeClaim = {
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'data', namespace: 'shop', uid: 'u1', resourceVersion: '7' },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  status: { phase: 'Pending' },
};
const volume: PersistentVolume = {
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: { name: 'v', uid: 'uv', resourceVersion: '3' },
  spec: { capacity: { storage: '2Gi' }, accessModes: ['ReadWriteOnce'] },
  status: { phase: 'Available' },
};

function patchedVolume(object: PersistentVolume, patch: MergePatch | undefined): PersistentVolume {
  return patch ? kinds.PersistentVolume.project(applyMergePatch(object, patch.value)) : object;
}
function patchedClaim(object: PersistentVolumeClaim, patch: MergePatch | undefined): PersistentVolumeClaim {
  return patch ? kinds.PersistentVolumeClaim.project(applyMergePatch(object, patch.value)) : object;
}

test('binding writes both halves with the marks of the controller, and nothing a second time', () => {
  const reserved = patchedVolume(volume, patchVolume(volume, claim));
  assert.deepEqual(reserved.spec.claimRef, {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    namespace: 'shop',
    name: 'data',
    uid: 'u1',
    resourceVersion: '7',
  });
  assert.deepEqual(reserved.metadata.annotations, { [annotation.boundByController]: 'yes' });
  const attached = patchedClaim(claim, patchClaim(claim, reserved));
  assert.equal(attached.spec.volumeName, 'v');
  assert.deepEqual(attached.metadata.annotations, {
    [annotation.bindCompleted]: 'yes',
    [annotation.boundByController]: 'yes',
  });
  const bound = patchedClaim(attached, patchClaimStatus(attached, 'Bound', reserved));
  assert.deepEqual(bound.status, { phase: 'Bound', accessModes: ['ReadWriteOnce'], capacity: { storage: '2Gi' } });
  assert.equal(patchVolume(reserved, bound), undefined);
  assert.equal(patchClaim(bound, reserved), undefined);
  assert.equal(patchClaimStatus(bound, 'Bound', reserved), undefined);
  const phased = patchedVolume(reserved, patchVolumeStatus(reserved, 'Bound'));
  assert.equal(patchVolumeStatus(phased, 'Bound'), undefined);
});

test('what a user reserved is completed without the marks of the controller', () => {
  const reservation = { ...volume, spec: { ...volume.spec, claimRef: { namespace: 'shop', name: 'data' } } };
  const completed = patchedVolume(reservation, patchVolume(reservation, claim));
  assert.equal(completed.spec.claimRef?.uid, 'u1');
  assert.deepEqual(completed.metadata.annotations ?? {}, {});
  const named = { ...claim, spec: { ...claim.spec, volumeName: 'v' } };
  const attached = patchedClaim(named, patchClaim(named, completed));
  assert.deepEqual(attached.metadata.annotations, { [annotation.bindCompleted]: 'yes' });
});

test('a bound claim keeps the size in its status when that of its volume grows', () => {
  const bound: PersistentVolumeClaim = {
    ...claim,
    status: { phase: 'Bound', accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' } },
  };
  assert.equal(patchClaimStatus(bound, 'Bound', volume), undefined);
});

test('a claim that waits or is lost has neither size nor modes', () => {
  const bound: PersistentVolumeClaim = {
    ...claim,
    status: { phase: 'Bound', accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' } },
  };
  assert.deepEqual(patchedClaim(bound, patchClaimStatus(bound, 'Lost')).status, { phase: 'Lost' });
  assert.equal(patchClaimStatus(claim, 'Pending'), undefined);
});

test('a volume goes back to its reservation, or to anybody', () => {
  const taken = patchedVolume(volume, patchVolume(volume, claim));
  const free = patchedVolume(taken, patchUnbound(taken, false));
  assert.equal(free.spec.claimRef, undefined);
  assert.deepEqual(free.metadata.annotations ?? {}, {});
  const reserved = patchedVolume(taken, patchUnbound(taken, true));
  assert.equal(reserved.spec.claimRef?.uid, undefined);
  assert.equal(reserved.spec.claimRef?.name, 'data');
});

/** A tiny API: every write is checked against the resourceVersion that it was decided on, as the real one does. */
class Shelf {
  readonly claims = new Map<string, PersistentVolumeClaim>();
  readonly volumes = new Map<string, PersistentVolume>();
  #version = 100;

  /** False = conflict. */
  writeClaim(name: string, patch: MergePatch): boolean {
    const known = this.claims.get(name);
    if (!known) return false;
    const next = this.#next(known.metadata.resourceVersion, patch, patchedClaim(known, patch));
    if (next) this.claims.set(name, next);
    return next !== undefined;
  }

  writeVolume(name: string, patch: MergePatch): boolean {
    const known = this.volumes.get(name);
    if (!known) return false;
    const next = this.#next(known.metadata.resourceVersion, patch, patchedVolume(known, patch));
    if (next) this.volumes.set(name, next);
    return next !== undefined;
  }

  #next<T extends PersistentVolume | PersistentVolumeClaim>(now: string, patch: MergePatch, patched: T): T | undefined {
    if (!JSON.stringify(patch.value).includes(`"resourceVersion":"${now}"`)) return undefined;
    this.#version += 1;
    return { ...patched, metadata: { ...patched.metadata, resourceVersion: `${this.#version}` } };
  }
}

/** One reconcile of a claim; it may be left between any two of its writes. */
function* bindOne(shelf: Shelf, name: string): Generator<'wrote' | 'conflict'> {
  const subject = shelf.claims.get(name);
  if (!subject) return;
  const decision = bind({
    claim: subject,
    named: subject.spec.volumeName ? shelf.volumes.get(subject.spec.volumeName) : undefined,
    volumes: [...shelf.volumes.values()],
    storageClass: undefined,
    fallback: undefined,
    consumers: [],
    node: undefined,
  });
  yield 'wrote'; // decided on what may be old by the time it is written
  if (decision.kind !== 'bind') return;
  const chosen = decision.volume.metadata.name;
  const reserve = patchVolume(decision.volume, subject);
  if (reserve) yield shelf.writeVolume(chosen, reserve) ? 'wrote' : 'conflict';
  const reserved = shelf.volumes.get(chosen);
  const phase = reserved && patchVolumeStatus(reserved, 'Bound');
  if (phase) yield shelf.writeVolume(chosen, phase) ? 'wrote' : 'conflict';
  const attach = patchClaim(subject, decision.volume);
  if (attach) yield shelf.writeClaim(name, attach) ? 'wrote' : 'conflict';
  const attached = shelf.claims.get(name);
  const status = attached && patchClaimStatus(attached, 'Bound', decision.volume);
  if (status) yield shelf.writeClaim(name, status) ? 'wrote' : 'conflict';
}

function* phaseOne(shelf: Shelf, name: string): Generator<'wrote' | 'conflict'> {
  const subject = shelf.volumes.get(name);
  if (!subject) return;
  const decision = reclaim(subject, shelf.claims.get(subject.spec.claimRef?.name ?? ''));
  yield 'wrote';
  if (decision.kind === 'phase') {
    const patch = patchVolumeStatus(subject, decision.phase);
    if (patch) yield shelf.writeVolume(name, patch) ? 'wrote' : 'conflict';
  } else if (decision.kind === 'unbind') {
    yield shelf.writeVolume(name, patchUnbound(subject, decision.reserved)) ? 'wrote' : 'conflict';
  }
}

function assertNoneShared(shelf: Shelf): void {
  const owners = new Map<string, string>();
  for (const [name, { spec, metadata }] of shelf.claims) {
    if (!spec.volumeName || metadata.annotations?.[annotation.bindCompleted] === undefined) continue;
    assert.equal(owners.get(spec.volumeName), undefined, `${name} and another claim share ${spec.volumeName}`);
    owners.set(spec.volumeName, name);
    assert.equal(shelf.volumes.get(spec.volumeName)?.spec.claimRef?.name, name);
  }
}

test('however reconciles interleave or stop halfway, no volume gets two claims and all settles', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 });
  const steps = fc.array(fc.record({ pick: fc.nat(), stop: fc.integer({ min: 0, max: 9 }) }), { maxLength: 80 });
  fc.assert(
    fc.property(sizes, sizes, steps, (claimSizes, volumeSizes, schedule) => {
      const shelf = new Shelf();
      claimSizes.forEach((size, index) => {
        const name = `c${index}`;
        const metadata = { ...claim.metadata, name, uid: `u-${name}` };
        const resources = { requests: { storage: `${size}Gi` } };
        shelf.claims.set(name, { ...claim, metadata, spec: { ...claim.spec, resources } });
      });
      volumeSizes.forEach((size, index) => {
        const name = `v${index}`;
        const spec = { ...volume.spec, capacity: { storage: `${size}Gi` } };
        shelf.volumes.set(name, { ...volume, metadata: { ...volume.metadata, name, uid: `u-${name}` }, spec });
      });
      const makers = [
        ...[...shelf.claims.keys()].map((name) => () => bindOne(shelf, name)),
        ...[...shelf.volumes.keys()].map((name) => () => phaseOne(shelf, name)),
      ];
      const underway = makers.map((make) => make());
      for (const { pick, stop } of schedule) {
        const index = pick % makers.length;
        const make = makers[index];
        const step = underway[index]?.next();
        // done, refused or killed: the key comes back later
        if (make && (!step || step.done || step.value === 'conflict' || stop === 0)) underway[index] = make();
        assertNoneShared(shelf);
      }
      for (let round = 0; round < 4; round += 1) {
        for (const make of makers) for (const step of make()) assert.equal(step, 'wrote');
      }
      assertNoneShared(shelf);
      const settled = JSON.stringify([[...shelf.claims], [...shelf.volumes]]);
      for (const make of makers) for (const step of make()) assert.equal(step, 'wrote');
      assert.equal(JSON.stringify([[...shelf.claims], [...shelf.volumes]]), settled, 'wrote although nothing changed');
      const free = [...shelf.volumes.values()].filter(({ spec }) => !spec.claimRef);
      const waiting = [...shelf.claims.values()].filter(({ spec }) => !spec.volumeName);
      for (const { spec } of waiting) {
        const wanted = Number.parseInt(spec.resources.requests['storage'] ?? '', 10);
        for (const left of free) assert.ok(Number.parseInt(left.spec.capacity['storage'] ?? '', 10) < wanted);
      }
    }),
    { numRuns: 300 },
  );
});
