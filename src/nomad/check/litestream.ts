import { maps, texts, word, words } from './dig.ts';
import { atItem, type Finding } from './finding.ts';
import { type Check, type GroupSubject, groupsOf, type Subject, settingsOf, type TaskSubject } from './subject.ts';
import { type Container, labelOf, type Workload } from './workload.ts';

/** C16: litestream restores before the application, fails closed, and goes on replicating to where it did. */
export const litestream: Check = {
  id: 'C16',
  title: 'litestream',
  run: (subject) => groupsOf(subject).flatMap((group) => groupFindings(subject, group)),
};

function groupFindings(subject: Subject, group: GroupSubject): readonly Finding[] {
  const tasks = group.tasks.filter(({ task }) => isLitestream(word(settingsOf(task.config)['image'])));
  const told = tasks.some(({ task }) => subject.report.of(task).some(({ class: each }) => each === 'manual'));
  if (tasks.length === 0 || told) return [];
  return [
    ...group.workloads.flatMap((workload) => workloadFindings(workload, tasks.some(replicates))),
    ...tasks.flatMap((task) => targetFindings(subject, task)),
  ];
}

function isLitestream(image: string): boolean {
  return /(?:^|\/)litestream(?:[:@]|$)/.test(image);
}

/** A job may have a restore alone. */
function replicates({ task: { lifecycle } }: TaskSubject): boolean {
  return lifecycle?.hook?.value !== 'prestart' || lifecycle.sidecar.value;
}

function workloadFindings(workload: Workload, replicated: boolean): readonly Finding[] {
  const { containers, manifest } = workload;
  const own = containers.filter(({ spec }) => isLitestream(word(spec['image'])));
  const restore = own.find((each) => each.role === 'init' && /\brestore\b/.test(commandOf(each)));
  const replicate = own.find((each) => each !== restore && each.role !== 'init');
  const findings: Finding[] = [];
  const tell = (path: readonly (string | number)[], message: string, todo: string): void => {
    const line = manifest.lineOf(...path);
    findings.push({
      check: 'C16',
      severity: 'error',
      file: manifest.file,
      line,
      object: labelOf(workload),
      message,
      todo,
    });
  };
  if (!replicate && replicated)
    tell(
      workload.podPath,
      'nothing replicates the database',
      'Add litestream as an init container with restartPolicy Always.',
    );
  if (!restore) {
    tell(
      workload.podPath,
      'nothing restores the database before the application starts',
      'Add an init container that runs litestream restore.',
    );
    return findings;
  }
  if (replicate && containers.indexOf(restore) > containers.indexOf(replicate)) {
    tell(restore.path, 'the database is restored after replication has begun', 'Put the restore first.');
  }
  if (failsOpen(restore)) {
    const message =
      'a restore that fails lets the application start with an empty database, which then replaces the backup';
    tell(restore.path, message, 'Let it fail: -if-replica-exists passes a first start, everything else must stop.');
  }
  if (replicate && !sharesVolume(restore, replicate)) {
    tell(restore.path, 'restore and replication share no volume', 'Mount the same volume at the same path in both.');
  }
  return findings;
}

function commandOf({ spec }: Container): string {
  return [...words(spec['command']), ...words(spec['args'])].join(' ');
}

/** Whatever turns a failed restore into a success. */
function failsOpen(container: Container): boolean {
  const command = commandOf(container);
  return (
    /\brestore\b[^;&]*\|\|\s*(?:true|:|exit 0|echo)\b/.test(command) ||
    /\bset \+e\b/.test(command) ||
    /\brestore\b[^;&|]*;\s*(?:true|exit 0)\b/.test(command)
  );
}

function sharesVolume(one: Container, other: Container): boolean {
  const mounts = (each: Container): readonly string[] =>
    maps(each.spec['volumeMounts']).map(({ name, mountPath }) => `${word(name)} ${word(mountPath)}`);
  const found = mounts(other);
  return mounts(one).some((each) => found.includes(each));
}

/** Bucket, path and the like stay what they were: another target is another backup. */
const TARGET = /^\s*-?\s*(?:bucket|path|endpoint|region|url|type|host|share-name|account-name):\s*(\S.*)$/;

function targetFindings({ report }: Subject, { task, of }: TaskSubject): readonly Finding[] {
  const written = (of.of.module?.manifests ?? [])
    .flatMap(({ object }) => texts(object).map(({ text }) => text))
    .join('\n');
  return task.template.flatMap(({ data }): readonly Finding[] => {
    if (!data || report.of(data).some(({ class: each }) => each === 'manual') || !/^\s*dbs:/m.test(data.value))
      return [];
    const lines = data.value.split('\n').filter((line) => !line.includes('{{') && !line.includes('${'));
    const lost = lines
      .flatMap((line) => TARGET.exec(line)?.[1]?.trim() ?? [])
      .filter((value) => !written.includes(value));
    return lost.map((value) => ({
      check: 'C16',
      severity: 'error',
      ...atItem(data),
      message: `${value} of the configuration of litestream stands in no manifest: the backup would go elsewhere`,
      todo: 'Carry the configuration over unchanged.',
    }));
  });
}
