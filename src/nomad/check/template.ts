import type { Template } from '../jobspec/job.ts';
import { dig, type Found, fields, maps, texts, word } from './dig.ts';
import { atItem, type Finding } from './finding.ts';
import { isCertain, piecesOf } from './piece.ts';
import { type Check, type Subject, type TaskSubject, tasksOf } from './subject.ts';
import type { Workload } from './workload.ts';

/** C7: the text of a template is that of the mounted file; byte for byte where it is static, and with its mode. */
export const template: Check = {
  id: 'C7',
  title: 'templates',
  run: (subject) =>
    tasksOf(subject).flatMap((task) => task.task.template.flatMap((each) => templateFindings(subject, task, each))),
};

function templateFindings(subject: Subject, task: TaskSubject, each: Template): readonly Finding[] {
  const { data, env } = each;
  const module = task.of.of.module;
  if (!data || env.value || !module || subject.report.lost(data) || subject.report.lost(each)) return [];
  const delimiters = { left: each.left_delimiter.value, right: each.right_delimiter.value };
  const pieces = piecesOf(data.value, delimiters);
  const written = module.manifests.flatMap(({ object }) => texts(object));
  const isStatic = pieces.length === 1 && !data.value.includes('${') && !/\.consul\b/.test(data.value);
  if (!isStatic) {
    // what Larder worked out itself has lost the branches that were not taken
    const kept = subject.report.tells(data) ? pieces.filter(({ within }) => isCertain(within)) : pieces;
    return lostLines(
      kept.map(({ text }) => text),
      written,
      data,
    );
  }
  const found = written.filter(({ text }) => text === data.value);
  if (found.length === 0) {
    const message = `no ConfigMap or Secret of the module holds this text byte for byte`;
    const todo = 'Write it as a block scalar that keeps every line, the last line end as well.';
    return [{ check: 'C7', severity: 'error', ...atItem(data), message, todo }];
  }
  return task.of.workloads.flatMap((workload) => modeFindings(workload, each, found));
}

/** Lines between the actions stay lines; what was within an action is another check's. */
function lostLines(
  pieces: readonly string[],
  written: readonly Found[],
  data: Template['data'] & object,
): readonly Finding[] {
  const all = written.map(({ text }) => text).join('\n');
  const lines = pieces
    .flatMap((piece) => piece.split('\n').slice(1, -1))
    .map((line) => line.trim())
    .filter((line) => line.length > 3 && !line.includes('${') && !/\.consul\b/.test(line));
  const lost = lines.filter((line) => !all.includes(line));
  const [first] = lost;
  if (first === undefined) return [];
  const rest = lost.length === 1 ? '' : `, nor ${lost.length - 1} more`;
  const message = `the line ${JSON.stringify(first)} of this template stands in no manifest of the module${rest}`;
  return [{ check: 'C7', severity: 'error', ...atItem(data), message, todo: 'Carry the line over.' }];
}

/** What Kubernetes gives a file where nothing says otherwise. */
const USUAL = 0o644;

function modeFindings(workload: Workload, { perms }: Template, found: readonly Found[]): readonly Finding[] {
  if (!perms.written) return [];
  const wanted = Number.parseInt(perms.value, 8);
  const keys = found.map(({ path }) => word(path.at(-1)));
  const volumes = maps(workload.pod['volumes']).flatMap((volume) => [
    volume,
    ...maps(dig(volume, 'projected', 'sources')),
  ]);
  const modes = volumes.flatMap((volume) => {
    const source = fields(volume['configMap'] ?? volume['secret']);
    const items = maps(source['items']).filter(({ key }) => keys.includes(word(key)));
    if (source['name'] === undefined && source['secretName'] === undefined) return [];
    const usual = source['defaultMode'] ?? USUAL;
    return items.length > 0 ? items.map(({ mode }) => mode ?? usual) : [usual];
  });
  // 0444 is octal to kubectl and decimal to a reader of YAML 1.2
  if (modes.length === 0 || modes.includes(wanted) || modes.includes(Number(wanted.toString(8)))) return [];
  const message = `no volume of ${workload.manifest.kind}/${workload.manifest.name} mounts it with the mode ${perms.value}`;
  return [{ check: 'C7', severity: 'error', ...atItem(perms), message, todo: `Set mode: 0${wanted.toString(8)}.` }];
}
