import { dig, fields, maps, word } from './dig.ts';
import { otherValues } from './env-value.ts';
import type { Finding } from './finding.ts';
import { type Delimiters, isCertain, piecesOf } from './piece.ts';
import { type Check, isLiteral, type Placed, type Subject, type TaskSubject, tasksOf } from './subject.ts';
import type { WrittenModule } from './tree.ts';
import { labelOf } from './workload.ts';

/** C2: every environment variable of a task is on its container, with its value where that is literal; none is added unreported. */
export const env: Check = {
  id: 'C2',
  title: 'environment',
  run: (subject) =>
    tasksOf(subject).flatMap((task) => task.containers.flatMap((placed) => compare(subject, task, placed))),
};

function compare(subject: Subject, of: TaskSubject, placed: Placed): readonly Finding[] {
  const { task } = of;
  const written = maps(placed.container.spec['env']);
  const through = namesThrough(placed);
  const missing = task.env.flatMap((pair): readonly Finding[] => {
    if (subject.report.lost(pair)) return [];
    const entry = written.find(({ name }) => name === pair.key);
    const where = { ...whereOf(placed), check: 'C2', severity: 'error' } as const;
    if (!entry) {
      if (through === 'any' || through.includes(pair.key)) return [];
      const message = `${placed.container.name} lacks the variable ${pair.key} of ${pair.at.file}:${pair.at.line}`;
      return [{ ...where, message, todo: `Add ${pair.key}, or say in the report why it is not needed.` }];
    }
    if (!isLiteral(pair.value) || entry['valueFrom'] !== undefined || subject.report.tells(pair)) return [];
    if (unescaped(word(entry['value'])) === pair.value) return [];
    const message = `${pair.key} has another value than at ${pair.at.file}:${pair.at.line}`;
    return [{ ...where, message, todo: `Write the value of the job, with $$( where it has $(.` }];
  });
  return [
    ...missing,
    ...otherSources(subject, of, placed),
    ...templateNames(subject, task, { placed, through }),
    ...added(subject, task, placed),
  ];
}

/** Variables of secrets: each from the key that the job reads. Those that are missing are told elsewhere. */
function otherSources(subject: Subject, of: TaskSubject, placed: Placed): readonly Finding[] {
  return otherValues(subject, of, placed).map(({ given: { name, item }, wanted, found }) => {
    const message = `${name} is ${found} here, and ${wanted} at ${item.at.file}:${item.at.line}`;
    const todo = 'Read it from the key of the Secret that External Secrets fills from there.';
    const { manifest } = placed.workload;
    const index = maps(placed.container.spec['env']).findIndex((entry) => entry['name'] === name);
    const line = manifest.lineOf(...placed.container.path, 'env', ...(index < 0 ? [] : [index]));
    return { check: 'C2', severity: 'error', ...whereOf(placed), line, message, todo };
  });
}

/** Kubernetes replaces `$(NAME)`, and makes one `$` of two wherever they stand. */
function unescaped(value: string): string {
  return value.replaceAll('$$', () => '$');
}

type Task = TaskSubject['task'];

interface Through {
  readonly placed: Placed;
  readonly through: readonly string[] | 'any';
}

/** A template with `env = true` gives variables as well. */
function templateNames({ report }: Subject, task: Task, { placed, through }: Through): readonly Finding[] {
  const names = new Set(maps(placed.container.spec['env']).map(({ name }) => word(name)));
  return task.template.flatMap((template): readonly Finding[] => {
    const { data, env: isEnv } = template;
    if (!isEnv.value || !data || report.lost(data) || report.lost(template)) return [];
    const lacking = dotenvNames(data.value, {
      left: template.left_delimiter.value,
      right: template.right_delimiter.value,
    }).filter((name) => !names.has(name) && through !== 'any' && !through.includes(name) && !report.names(data, name));
    return lacking.map((name) => ({
      check: 'C2',
      severity: 'error',
      ...whereOf(placed),
      message: `${placed.container.name} lacks the variable ${name} of the template at ${data.at.file}:${data.at.line}`,
      todo: `Add ${name} as env, or through envFrom.`,
    }));
  });
}

/** Names of a dotenv text that are there for certain: those within a condition or a loop may be or may not be. */
function dotenvNames(text: string, delimiters: Delimiters): readonly string[] {
  // an action keeps its place, so that a name whose value is an action keeps its `=`
  const certain = piecesOf(text, delimiters).filter(({ within }) => isCertain(within));
  return namesIn(certain.map((piece) => piece.text).join('{{}}'));
}

function namesIn(text: string): readonly string[] {
  return [...text.matchAll(/^(?:\s|\{\{\}\})*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)[ \t]*=/gm)].map(
    ([, name = '']) => name,
  );
}

function added(subject: Subject, task: Task, placed: Placed): readonly Finding[] {
  const own = new Set([
    ...task.env.map(({ key }) => key),
    ...task.template.flatMap(({ data, env: isEnv }) =>
      isEnv.value && data ? namesIn(data.value.replaceAll(/\{\{.*?\}\}/gs, '')) : [],
    ),
    ...task.secret.flatMap(({ env: given }) => given.map(({ key }) => key)),
  ]);
  return maps(placed.container.spec['env']).flatMap((entry, index): readonly Finding[] => {
    const name = word(entry['name']);
    if (
      own.has(name) ||
      isForOthers(entry, placed) ||
      /^(?:NOMAD|VAULT|CONSUL|OTEL_RESOURCE)_/.test(name) ||
      subject.report.mentions(task.at.file, name)
    )
      return [];
    return [
      {
        check: 'C2',
        severity: 'warning',
        ...whereOf(placed),
        line: placed.workload.manifest.lineOf(...placed.container.path, 'env', index),
        message: `${placed.container.name} has the variable ${name}, which the job does not have`,
        todo: 'Keep it if you added it on purpose.',
      },
    ];
  });
}

/** A fact of the pod or its node that another value of the container is made of: what `${node.unique.name}` becomes. */
function isForOthers(entry: Readonly<Record<string, unknown>>, { container }: Placed): boolean {
  const { command, args, env: variables } = container.spec;
  const isFact = dig(entry, 'valueFrom', 'fieldRef') !== undefined;
  return isFact && JSON.stringify([command, args, variables]).includes(`$(${word(entry['name'])})`);
}

function whereOf({ workload, container }: Placed): Pick<Finding, 'file' | 'line' | 'object'> {
  const { manifest } = workload;
  return { file: manifest.file, line: manifest.lineOf(...container.path, 'env'), object: labelOf(workload) };
}

/** Variables that come through envFrom; `any` where the tree cannot say which. */
function namesThrough({ workload, container }: Placed): readonly string[] | 'any' {
  const names = maps(container.spec['envFrom']).map((source) => {
    const prefix = word(source['prefix']);
    const map = word(dig(source, 'configMapRef', 'name'));
    const keys = map
      ? mapKeys(workload.module, map)
      : secretKeys(workload.module, word(dig(source, 'secretRef', 'name')));
    return keys?.map((key) => `${prefix}${key}`);
  });
  return names.every((each) => each !== undefined) ? names.flat() : 'any';
}

function mapKeys({ manifests }: WrittenModule, name: string): readonly string[] | undefined {
  const found = manifests.find((each) => each.kind === 'ConfigMap' && each.name === name);
  return found && Object.keys(fields(dig(found.object, 'data')));
}

/** Keys of the Secret that an ExternalSecret makes. */
function secretKeys({ manifests }: WrittenModule, name: string): readonly string[] | undefined {
  const made = manifests.filter(
    ({ kind, object, name: own }) =>
      kind === 'ExternalSecret' && (word(dig(object, 'spec', 'target', 'name')) || own) === name,
  );
  const [found] = made;
  if (!found || dig(found.object, 'spec', 'dataFrom') !== undefined) return undefined;
  const template = dig(found.object, 'spec', 'target', 'template', 'data');
  const merges = dig(found.object, 'spec', 'target', 'template', 'mergePolicy') === 'Merge';
  const data = maps(dig(found.object, 'spec', 'data')).map(({ secretKey }) => word(secretKey));
  if (template === undefined) return data;
  return merges ? [...Object.keys(fields(template)), ...data] : Object.keys(fields(template));
}
