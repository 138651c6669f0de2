import type { Template } from '../jobspec/job.ts';
import { list, maps, word } from './dig.ts';
import { atItem, type Finding } from './finding.ts';
import { type MountedFile, mountedFile } from './mounted-file.ts';
import { partsOf, sameParts } from './part.ts';
import { isCertain, piecesOf } from './piece.ts';
import { type Check, isLiteral, type Subject, settingsOf, type TaskSubject, tasksOf } from './subject.ts';
import { type Container, labelOf, type Workload } from './workload.ts';

/** C7: the text of a template is that of the mounted file; byte for byte where it is static, and with its mode. */
export const template: Check = {
  id: 'C7',
  title: 'templates',
  run: (subject) =>
    tasksOf(subject).flatMap((task) => task.task.template.flatMap((each) => templateFindings(subject, task, each))),
};

function templateFindings(subject: Subject, task: TaskSubject, each: Template): readonly Finding[] {
  const { data, env, destination } = each;
  if (!data || env.value || subject.report.lost(data) || subject.report.lost(each)) return [];
  if (!destination || subject.report.lost(destination)) return [];
  // two of one place are one file, and which of them is told
  if (task.task.template.filter((other) => other.destination?.value === destination.value).length > 1) return [];
  const places = placesOf(task, destination.value);
  if (places.length === 0) return [];
  return task.containers.flatMap(({ workload, container }): readonly Finding[] => {
    const found = places.flatMap((path) => {
      const file = mountedFile(workload, container, path);
      return file ? [{ path, file }] : [];
    });
    const seen: Seen = { subject, template: each, data, workload, container };
    if (found.length === 0) return [unseen(seen, places[0] ?? '')];
    return [...found.flatMap((one) => textFindings(seen, one)), ...modeFindings(seen, found)];
  });
}

interface Seen {
  readonly subject: Subject;
  readonly template: Template;
  readonly data: Template['data'] & object;
  readonly workload: Workload;
  readonly container: Container;
}

interface Found {
  readonly path: string;
  readonly file: MountedFile;
}

function whereOf({ workload: { manifest }, container }: Seen): Pick<Finding, 'file' | 'line'> {
  return { file: manifest.file, line: manifest.lineOf(...container.path, 'volumeMounts') };
}

function unseen(seen: Seen, path: string): Finding {
  const { data, container } = seen;
  const message = `${container.name} mounts no file at ${path}, where ${data.at.file}:${data.at.line} is written to`;
  const todo = `Mount its key of the ConfigMap or Secret at ${path} (subPath).`;
  return { check: 'C7', severity: 'error', ...whereOf(seen), object: labelOf(seen.workload), message, todo };
}

function textFindings(seen: Seen, { path, file }: Found): readonly Finding[] {
  const { data, template: of, subject } = seen;
  const delimiters = { left: of.left_delimiter.value, right: of.right_delimiter.value };
  const pieces = piecesOf(data.value, delimiters);
  const tell = (what: string, todo: string): readonly Finding[] => {
    const message = `${path} is ${file.key} of ${file.kind}/${file.name}, ${what} of ${data.at.file}:${data.at.line}`;
    return [{ check: 'C7', severity: 'error', ...whereOf(seen), object: labelOf(seen.workload), message, todo }];
  };
  if (pieces.length === 1 && !data.value.includes('${') && !/\.consul\b/.test(data.value)) {
    if (file.text === data.value) return [];
    return tell(
      'which is not the text byte for byte',
      'Mount the key that holds it, as a block scalar that keeps every line, the last line end as well.',
    );
  }
  const told = subject.report.tells(data);
  // what Larder worked out itself has lost the branches that were not taken
  const kept = told ? pieces.filter(({ within }) => isCertain(within)) : pieces;
  const [lost, ...more] = lostLines(
    kept.map(({ text }) => text),
    file.text,
  );
  if (lost !== undefined) {
    const rest = more.length === 0 ? '' : `, nor ${more.length} more`;
    return tell(`which lacks the line ${JSON.stringify(lost)}${rest}`, 'Mount the key that has it, or carry it over.');
  }
  if (told || !file.parts || !isLiteral(data.value)) return [];
  if (sameParts(partsOf(data.value, delimiters), file.parts) !== false) return [];
  return tell('where other secrets stand in the places', 'Read each from the key that the job reads.');
}

/** Lines between the actions stay lines; what was within an action is another check's. */
function lostLines(pieces: readonly string[], written: string): readonly string[] {
  return pieces
    .flatMap((piece) => piece.split('\n').slice(1, -1))
    .map((line) => line.trim())
    .filter((line) => line.length > 3 && isLiteral(line) && !written.includes(line));
}

function modeFindings(seen: Seen, found: readonly Found[]): readonly Finding[] {
  const { perms } = seen.template;
  if (!perms.written || seen.subject.report.tells(perms)) return [];
  const wanted = Number.parseInt(perms.value, 8);
  // 0444 is octal to kubectl and decimal to a reader of YAML 1.2
  const isWanted = (mode: unknown): boolean => mode === wanted || mode === Number(wanted.toString(8));
  return found
    .filter(({ file }) => !isWanted(file.mode))
    .map(({ path }) => {
      const message = `${path} of ${labelOf(seen.workload)} has not the mode ${perms.value}`;
      const todo = `Set defaultMode or mode: 0${wanted.toString(8)} in its volume.`;
      return { check: 'C7', severity: 'error', ...atItem(perms), message, todo };
    });
}

/** Where a container sees what a template writes: at its own place, and wherever that is bound to. */
function placesOf({ task }: TaskSubject, destination: string): readonly string[] {
  const own = pathOf(destination);
  if (own === undefined) return [];
  const { config } = task;
  const settings = settingsOf(config);
  const blocks = ['mount', 'mounts'].flatMap((name) => maps(settings[name]));
  const binds = [
    ...list(settings['volumes']).map((each) => word(each).split(':')),
    ...blocks
      .filter(({ type }) => type === 'bind')
      .map((each) => [word(each['source']), word(each['target'] ?? each['destination'] ?? each['dst'])]),
  ];
  const bound = binds.flatMap(([source = '', target = '']) => {
    const from = target === '' || target.includes('${') ? undefined : pathOf(source);
    if (from === undefined || !(own === from || own.startsWith(`${from}/`))) return [];
    return [`${target.replace(/\/+$/, '')}${own.slice(from.length)}`];
  });
  // what lies beside the three directories is seen by no container, unless it is bound
  return /^\/(?:local|secrets|alloc)\//.test(own) ? [own, ...bound] : bound;
}

const directories: Readonly<Record<string, string>> = {
  NOMAD_TASK_DIR: '/local',
  NOMAD_SECRETS_DIR: '/secrets',
  NOMAD_ALLOC_DIR: '/alloc',
};

/** A path of a task as its container calls it; undefined for one that only Nomad knows, or that leaves the allocation. */
function pathOf(text: string): string | undefined {
  const known = text.replaceAll(
    /\$\{(?:env\["(\w+)"\]|(\w+))\}|\$(NOMAD_\w+_DIR)/g,
    (all, quoted?: string, braced?: string, bare?: string) => directories[quoted ?? braced ?? bare ?? ''] ?? all,
  );
  if (known.includes('${')) return undefined;
  // the directory of the task stands beside the shared one
  const steps: string[] = ['task'];
  for (const step of known.split('/')) {
    if (step === '..' && steps.pop() === undefined) return undefined;
    if (step !== '' && step !== '.' && step !== '..') steps.push(step);
  }
  const [first, ...rest] = steps;
  if (first !== 'task') return first === 'alloc' ? `/${steps.join('/')}` : undefined;
  return /^(?:local|secrets|alloc)$/.test(rest[0] ?? '') ? `/${rest.join('/')}` : `/${steps.join('/')}`;
}
