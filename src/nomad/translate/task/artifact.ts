import { itemsOf } from '../../jobspec/items.ts';
import type { Artifact } from '../../jobspec/job.ts';
import { joined } from '../carry.ts';
import type { MountDraft } from '../draft.ts';
import { fold } from '../fold.ts';
import type { Rule, Use } from '../rule.ts';
import type { GroupScope, TaskScope } from '../scope.ts';
import { bare } from '../sourced.ts';
import { containerPath, place, type Root } from '../template/place.ts';
import { addMount, isBelow, normal } from '../volume/mount.ts';
import { directoryVolume } from '../volume/task-directory.ts';
import { type Source, sourceOf, type Unpacking } from './artifact-source.ts';
import { reworded } from './spoken.ts';

/** After the volumes: what is fetched goes where the task finds it. */
export const artifact: Rule<GroupScope> = {
  id: 'task.artifact',
  nomad: 'artifact (source, options, headers, mode, destination, insecure, chown)',
  kubernetes: 'an init container that fetches it before the tasks start',
  class: 'approximate',
  why: 'It is fetched at each start of the pod. http, https and git without a credential; anything else is for a person.',
  apply: (scope, use) => {
    for (const container of [...scope.workload.pod.containers]) {
      const { task } = container;
      for (const [index, block] of (task?.artifact ?? []).entries()) {
        if (task) fetch({ ...scope, task, container }, { block, index }, use);
      }
    }
  },
};

function fetch(scope: TaskScope, { block, index }: { block: Artifact; index: number }, use: Use): void {
  const { workload, container, project } = scope;
  const items = itemsOf(block);
  const where = place(block.destination?.value ?? 'local/');
  const source = sourceOf(block);
  const secret = block.headers.some(
    ({ key, value }) => /auth|token|key|secret|cookie/i.test(key) && !value.includes('${'),
  );
  const why =
    source.kind === 'none'
      ? source.why
      : secret
        ? 'a header holds a credential'
        : where === undefined || where.root === 'task'
          ? 'its destination is in no directory that containers see'
          : undefined;
  if (why !== undefined || source.kind === 'none' || !where) {
    const todo = `Put what ${container.name} fetched into its image, or write an init container that fetches it.`;
    use.leave(items, { class: 'manual', text: `not fetched: ${why ?? 'unknown'}`, todo });
    return;
  }
  const target = containerPath(where);
  const mount = mountFor(scope, { root: where.root, target, file: block.mode.value === 'file' });
  const script = scriptOf(block, source, target);
  const said = reworded(script, scope);
  const image = source.kind === 'git' ? project.policy.fetch.git : project.policy.fetch.http;
  const chown = block.chown.value ? [{ text: 'files belong to who fetched them, and everybody may read them' }] : [];
  const text = use.take(
    items,
    said.text,
    joined([{ text: `fetched to ${target} by an init container` }, ...chown, said.note]),
  );
  const name = fold(`fetch-${container.name}${index === 0 ? '' : `-${index + 1}`}`);
  const at = workload.pod.containers.indexOf(container);
  workload.pod.containers.splice(at, 0, {
    name,
    role: 'init',
    image,
    command: ['/bin/sh', '-c', text],
    env: container.env.filter(({ name: variable }) => said.text.includes(`$(${variable})`)),
    envFrom: [],
    ports: [],
    mounts: [mount],
    resources: { requests: {}, limits: {} },
    probes: {},
    securityContext: { allowPrivilegeEscalation: false },
    rest: {},
  });
}

interface Target {
  readonly root: Root;
  readonly target: string;
  readonly file: boolean;
}

/** The volume of the task that holds the target, or one that is made for it. */
function mountFor(scope: TaskScope, { root, target, file }: Target): MountDraft {
  const { container } = scope;
  const folder = file ? target.replace(/\/[^/]*$/, '') : target;
  const covering = container.mounts.filter(({ mountPath, readOnly, subPathExpr }) => {
    const path = normal(bare(mountPath));
    return (path === folder || isBelow(folder, path)) && !(readOnly && bare(readOnly)) && subPathExpr === undefined;
  });
  const [deepest] = covering.toSorted((left, right) => bare(right.mountPath).length - bare(left.mountPath).length);
  if (deepest) return deepest;
  const mount = { name: directoryVolume(scope, root), mountPath: `/${root}` };
  addMount(container, mount);
  return mount;
}

const commands: Readonly<Record<Unpacking, (file: string, into: string) => string>> = {
  tar: (file, into) => `tar -xf ${file} -C ${into}`,
  'tar.gz': (file, into) => `tar -xzf ${file} -C ${into}`,
  'tar.bz2': (file, into) => `tar -xjf ${file} -C ${into}`,
  'tar.xz': (file, into) => `tar -xJf ${file} -C ${into}`,
  zip: (file, into) => `unzip -o -q ${file} -d ${into}`,
  gz: (file, into) => `gunzip -c ${file} > ${into}`,
  bz2: (file, into) => `bunzip2 -c ${file} > ${into}`,
  xz: (file, into) => `unxz -c ${file} > ${into}`,
};

function scriptOf(block: Artifact, source: Exclude<Source, { kind: 'none' }>, target: string): string {
  return ['set -eu', ...(source.kind === 'git' ? gitSteps(source, target) : httpSteps(block, source, target))].join(
    '\n',
  );
}

function gitSteps({ url, ref, folder }: Extract<Source, { kind: 'git' }>, target: string): readonly string[] {
  return [
    `git clone ${quoted(url)} /tmp/repository`,
    ...(ref === undefined ? [] : [`git -C /tmp/repository checkout ${quoted(ref)}`]),
    `mkdir -p ${quoted(target)}`,
    `cp -R ${quoted(`/tmp/repository/${folder === '' ? '' : `${folder}/`}.`)} ${quoted(target)}`,
  ];
}

function httpSteps(block: Artifact, source: Extract<Source, { kind: 'http' }>, target: string): readonly string[] {
  const { url, unpack, checksum, file } = source;
  const single = block.mode.value === 'file';
  const folder = single ? target.replace(/\/[^/]*$/, '') : target;
  const headers = block.headers.flatMap(({ key, value }) => ['-H', quoted(`${key}: ${value}`)]);
  const flags = ['-fsSL', '--retry 3', ...(block.insecure.value ? ['-k'] : []), ...headers];
  const plain = quoted(single ? target : `${target}/${file}`);
  const flat = unpack === 'gz' || unpack === 'bz2' || unpack === 'xz';
  const into = flat ? quoted(`${target}/${file.replace(/\.(gz|bz2|xz)$/i, '')}`) : quoted(target);
  return [
    `mkdir -p ${quoted(folder)}`,
    `curl ${flags.join(' ')} -o /tmp/artifact ${quoted(url)}`,
    ...(checksum ? [`echo '${checksum.sum}  /tmp/artifact' | ${checksum.tool} -c -`] : []),
    unpack ? commands[unpack]('/tmp/artifact', into) : `cp /tmp/artifact ${plain}`,
  ];
}

/** A word of the shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
