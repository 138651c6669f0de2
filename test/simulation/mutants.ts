/**
 * Broken variants of the product, each of which the simulation must catch: one exact place of one file is changed while
 * it is loaded. A guard behind another guard is not here, because no history can tell that it is missing: that only a
 * leader removes, and that a decision is made again before a directory moves, are held by src/provision/reclaim.test.ts.
 * So are that what is brought back replaces no empty directory (src/provision/trash/trash.test.ts), that it is not brought
 * back while it is still being removed, or for a claim that waits for a volume, and that a claim which comes meanwhile is
 * given it under the name of its own volume (undelete.test.ts there), that a claim which is bound elsewhere while its
 * directory is made gets no volume (src/provision/attempt.test.ts), and that a volume which a late watch still shows is not
 * removed once more (reclaim.test.ts): retention puts right at once what goes wrong with a directory that was brought back.
 * That one measurement at the threshold is not enough is held by src/expand/decide.test.ts: no history here tells for sure.
 */
import type { Patch } from './patch.ts';

export interface Mutant extends Patch {
  /** What it does wrong, in plain words. */
  readonly name: string;
}

export const mutants: readonly Mutant[] = [
  {
    name: 'volumes are saved without the finalizer',
    file: 'src/provision/draft.ts',
    find: '...(design.finalizer === false ? {} : { finalizers: [FINALIZER] }),',
    replace: '',
  },
  {
    name: 'the cooldown is not written with the size',
    file: 'src/expand/change.ts',
    find: 'metadata: { resourceVersion, uid, annotations: formatHistory(history, growth) },',
    replace: 'metadata: { resourceVersion, uid },',
  },
  {
    name: 'a stale measurement is trusted',
    file: 'src/expand/facts.ts',
    find: 'if (ageMs > limitMs) {',
    replace: 'if (ageMs > limitMs * 1000) {',
  },
  {
    name: 'an old measurement is taken for a new one',
    file: 'src/operator/main.ts',
    find: 'const { usedBytes, inodes, at } = usage;',
    replace: 'const { usedBytes, inodes } = usage;\n    const at = options.clock.now();',
  },
  {
    name: 'a directory is removed because its volume could not be saved',
    file: 'src/provision/attempt.ts',
    find: "if (error.code !== 'KUBE_ALREADY_EXISTS') return this.#unsaved(reservation, error);",
    replace: `if (error.code !== 'KUBE_ALREADY_EXISTS') {
        const { design } = reservation;
        const move = { path: design.path, volumeUid: 'u', volumeName: 'v', claim: 'n/c', at: 0 };
        await this.#options.storageOf(design.export).trash(move, signal);
        return this.#unsaved(reservation, error);
      }`,
  },
  {
    name: 'a late completion is not undone',
    file: 'src/provision/trash/retention.ts',
    find: '  if (!owner || isPledge(owner)) return false;',
    replace: '  if (owner || !owner) return false;',
  },
  {
    name: 'a claim under way does not reserve its directory',
    file: 'src/provision/catalog.ts',
    find: 'for (const reservation of reservations[reserved](place.directory)) add(holderOf(reservation, relation));',
    replace: '',
  },
  {
    name: 'a reservation goes before the cache shows the volume',
    file: 'src/provision/attempt.ts',
    find: "if (unseen && this.#occupies(unseen, reservation)) return again(UNSEEN_MS, 'volume-not-seen');",
    replace: '',
  },
  {
    name: 'a new leader believes its old caches',
    file: 'src/kube/manager.ts',
    find: 'if (election) await election.run(signal, succeed);',
    replace: 'if (election) await election.run(signal, lead);',
  },
  {
    name: 'namespaces are not told apart when a directory is asked for',
    file: 'src/provision/conflict.ts',
    find: "if (claimant.onConflict === 'fail' || namespaceOf(holder) !== claimant.namespace) {",
    replace: "if (claimant.onConflict === 'fail') {",
  },
  {
    name: 'a directory that is about to be moved away is given out',
    file: 'src/provision/conflict.ts',
    find: 'if (holder.leaving || (predecessor && !isReleased(holder.volume))) {',
    replace: 'if (!holder && !predecessor) {',
  },
  {
    name: 'nested directories are given out',
    file: 'src/provision/conflict.ts',
    find: '  if (!same) {',
    replace: '  if (!same && !holder) {',
  },
  {
    name: 'the largest size does not count',
    file: 'src/expand/size.ts',
    find: "if (maxSize.value !== 'unlimited') {",
    replace: "if (maxSize.value === 'unlimited') {",
  },
  {
    name: 'a size is not rounded down to the step below a ceiling',
    file: 'src/expand/size.ts',
    find: 'const allowed = binding ? roundDown(binding.bytes, stepBytes) : wantedBytes;',
    replace: 'const allowed = binding ? binding.bytes - 1n : wantedBytes;',
  },
  {
    name: 'no measurement at the threshold is needed',
    file: 'src/expand/facts.ts',
    find: 'storage: measured && storageBreaches >= storageNeeded,',
    replace: 'storage: measured && storageBreaches >= 0,',
  },
  {
    name: 'the cooldown is not waited for',
    file: 'src/expand/gate/modification-gates.ts',
    find: 'if (input.now >= until) return passed(compared);',
    replace: 'if (input.now >= 0) return passed(compared);',
  },
  {
    name: 'growths per day are not counted',
    file: 'src/expand/gate/gates.ts',
    find: 'if (count < expansionsPerDay.value) return passed(compared);',
    replace: 'if (count < 1000) return passed(compared);',
  },
  {
    name: 'a second attempt makes a volume of another name',
    file: 'src/provision/draft.ts',
    find: 'export const volumeNameOf = (claim: PersistentVolumeClaim): string => `pvc-${claim.metadata.uid}`;',
    replace: `let attempts = 0;
export const volumeNameOf = (claim: PersistentVolumeClaim): string => \`pvc-\${claim.metadata.uid}-\${(attempts += 1)}\`;`,
  },
  {
    name: 'a directory that cannot be looked at counts as gone',
    file: 'src/provision/reclaim.ts',
    find: "if (result.problem !== 'missing') return result;",
    replace: "if (result.problem !== 'missing' && result.problem !== 'unavailable') return result;",
  },
  {
    name: 'what holds is announced again in every pass',
    file: 'src/expand/announce.ts',
    find: '    if (!known.has(key)) say(voice, event, message);',
    replace: '    if (key) say(voice, event, message);',
  },
  {
    name: 'a cause that lasts is told once and never again',
    file: 'src/provision/provisioner.ts',
    find: 'return again(REPEAT_MS, decision.reason);',
    replace: 'return done;',
  },
  {
    name: 'the trash is emptied a week early',
    file: 'src/provision/trash/retention.ts',
    find: '(expiresAt !== undefined && expiresAt <= now),',
    replace: '(expiresAt !== undefined && expiresAt <= now + 604_800_000),',
  },
  {
    name: 'an adopted directory is deleted like any other',
    file: 'src/provision/volume.ts',
    find: 'return adopted && !terms.deleteAdopted',
    replace: 'return !adopted && !terms.deleteAdopted && terms.deleteAdopted',
  },
  {
    name: 'Retain is not respected',
    file: 'src/provision/volume.ts',
    find: "if (volume.spec.persistentVolumeReclaimPolicy !== 'Delete') return { kind: 'keep', why: 'reclaim-policy' };",
    replace: '',
  },
  {
    name: 'the note of a moved directory is written after the move',
    file: 'src/provision/trash/trash.ts',
    find: `    await writeSidecar(
      target.notes,
      note,
      sidecarOf(request, { kind: target.kind, entry, identity }, reserved.identity),
    );
    await move(from, to);`,
    replace: `    await move(from, to);
    await writeSidecar(
      target.notes,
      note,
      sidecarOf(request, { kind: target.kind, entry, identity }, reserved.identity),
    );`,
  },
  {
    name: 'an unmounted export is written to',
    file: 'src/provision/export/mount.ts',
    find: 'return facts.device !== facts.parentDevice || NETWORK_FILESYSTEMS.has(facts.magic);',
    replace: 'return facts !== undefined;',
  },
  {
    name: 'a resize forgets the claim',
    file: 'src/provision/resize.ts',
    find: 'if (resizing.claim !== undefined || resizing.clearConditions) await growClaim(client, claim, resizing, signal);',
    replace: '',
  },
  {
    name: 'a watch that resumes does not say from where',
    file: 'src/kube/stream.ts',
    find: ': { resourceVersion: phase.resourceVersion };',
    replace: ': {};',
  },
  {
    name: 'a claim in flight makes foreign data known to its namespace',
    file: 'src/provision/conflict.ts',
    find: 'known: same.some((holder) => !holder.unsettled && namespaceOf(holder) === claimant.namespace),',
    replace: 'known: same.some((holder) => namespaceOf(holder) === claimant.namespace),',
  },
  {
    name: 'a measurement from the future is kept until its time has come',
    file: 'src/expand/notebook.ts',
    find: 'if (!believed) return entry.sampleProblem !== problem;',
    replace: '',
  },
  {
    name: 'a volume is made for what cannot come back, and seems to share the directory in its place',
    file: 'src/provision/trash/undelete.ts',
    find: '  await mustBeFree(storage, entry, signal);\n',
    replace: '',
  },
  {
    name: 'a directory is brought back before its volume is saved',
    file: 'src/provision/trash/bring-back.ts',
    find: 'const made = await save(client, draft);',
    replace: `await back.storage.restore({ entry: entry.entry, path: entry.path }, signal);
  const made = await save(client, draft);`,
  },
  {
    name: 'a claim waits for ever for a kept volume that does not fit',
    file: 'src/provision/plan.ts',
    find: "!isPledge(volume) && shortfallOf(claim, volume) === ''",
    replace: "!isPledge(volume) && shortfallOf(claim, volume) !== '?'",
  },
  {
    name: 'a copy is complete when its directories are',
    file: 'src/provision/clone/copy.ts',
    find: 'await this.#copySmall(frame, name);',
    replace: 'if (frame.names.length > 0) await this.#copySmall(frame, name);',
  },
  {
    name: 'a copy is as small as one likes',
    file: 'src/provision/clone/data-source.ts',
    find: 'if (requested >= held) return undefined;',
    replace: 'if (requested >= 0n) return undefined;',
  },
  {
    name: 'that a copy begins again is said every time',
    file: 'src/provision/clone/cloner.ts',
    find: 'if (this.#begun.has(claimUid)) return false;',
    replace: '',
  },
];
