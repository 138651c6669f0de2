import type { Item } from '../jobspec/field.ts';
import { word } from './dig.ts';
import { atItem, type Finding } from './finding.ts';
import { type Check, type JobSubject, type Subject, settingItem, settingsOf, type TaskSubject } from './subject.ts';
import { labelOf, type Workload } from './workload.ts';

/** C1: every task's image is in exactly one container of each workload, tag unchanged. */
export const image: Check = {
  id: 'C1',
  title: 'images',
  run: (subject) => [
    ...subject.jobs.flatMap((job) => jobFindings(subject, job)),
    ...subject.workloads.flatMap(withoutImage),
  ],
};

function jobFindings(subject: Subject, { job, module, groups }: JobSubject): readonly Finding[] {
  if (!module) {
    // a job without any image is for a person: each of its lines is
    const written = groups.some(({ tasks }) => tasks.some((task) => imageOf(subject, task)));
    if (!written || subject.report.lost(job)) return [];
    const message = 'no module was written for this job, and the report does not say why';
    return [{ check: 'C1', severity: 'error', ...atItem(job), message, todo: 'Convert it again.' }];
  }
  return groups.flatMap(({ tasks }) => tasks.flatMap((task) => taskFindings(subject, task)));
}

/** The image of a task that must be in a container; undefined where there is none, or the report tells what became of it. */
function imageOf(
  { report }: Subject,
  { task }: TaskSubject,
): { readonly text: string; readonly item: Item } | undefined {
  const { config, driver } = task;
  const text = word(settingsOf(config)['image']);
  if (!config || text === '' || text.includes('${') || !['docker', 'podman'].includes(driver?.value ?? ''))
    return undefined;
  const item = settingItem(config, 'image');
  return report.lost(item) || report.lost(task) ? undefined : { text, item };
}

function taskFindings(subject: Subject, of: TaskSubject): readonly Finding[] {
  const { task, of: group } = of;
  const image = imageOf(subject, of);
  if (!image) return [];
  const { text: written, item } = image;
  const wanted = canonical(written);
  const error = { check: 'C1', severity: 'error', todo: `Give one container the image ${written}.` } as const;
  if (group.workloads.length === 0) {
    return [{ ...error, ...atItem(task), message: 'no workload was written for the group of this task' }];
  }
  const name = task.label.text.toLowerCase();
  return group.workloads.flatMap((workload): readonly Finding[] => {
    const own = workload.containers.filter(({ spec }) => canonical(word(spec['image'])) === wanted);
    const others = group.tasks.filter((each) => canonical(imageOf(subject, each)?.text ?? '') === wanted);
    // the same image may be that of several tasks, and of containers that were added to them
    if (own.length >= others.length) return [];
    const { manifest, containers } = workload;
    const near = containers.find((each) => each.name === name) ?? containers.find(({ spec }) => word(spec['image']));
    const line = near ? manifest.lineOf(...near.path, 'image') : manifest.lineOf();
    const found = near ? `; ${near.name} has ${word(near.spec['image'])}` : '';
    return [
      {
        ...error,
        file: manifest.file,
        line,
        object: labelOf(workload),
        message: `no container has the image ${written} of ${item.at.file}:${item.at.line}${found}`,
      },
    ];
  });
}

function withoutImage(workload: Workload): readonly Finding[] {
  const { manifest, containers } = workload;
  return containers
    .filter(({ spec }) => word(spec['image']) === '')
    .map(({ name, path }) => ({
      check: 'C1',
      severity: 'error',
      file: manifest.file,
      line: manifest.lineOf(...path),
      object: labelOf(workload),
      message: `the container ${name} has no image: no cluster takes it`,
      todo: 'Give it the image that it is to run.',
    }));
}

/** The same image in its shortest spelling, with its tag. */
function canonical(text: string): string {
  const bare = text
    .replace(/^docker:\/\//, '')
    .replace(/^(?:index\.)?docker\.io\//, '')
    .replace(/^library\//, '');
  return /[:@][^/]*$/.test(bare) ? bare : `${bare}:latest`;
}
