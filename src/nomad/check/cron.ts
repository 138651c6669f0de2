import { dig, word } from './dig.ts';
import { type Finding, isItem } from './finding.ts';
import type { Check, JobSubject, Subject } from './subject.ts';
import type { WrittenManifest } from './tree.ts';

/** C14: CronJobs have five fields, say their time zone and what happens to overlapping runs, and are named short enough. */
export const cron: Check = {
  id: 'C14',
  title: 'schedules',
  run: (subject) => [
    ...subject.tree.modules.flatMap(({ manifests }) => manifests.filter(isCronJob).flatMap(formFindings)),
    ...subject.jobs.flatMap((job) => periodicFindings(subject, job)),
  ],
};

function isCronJob({ kind }: WrittenManifest): boolean {
  return kind === 'CronJob';
}

/** Room for the eleven characters that each run's Job adds. */
const LONGEST_NAME = 52;
const MACRO = /^@(?:yearly|annually|monthly|weekly|daily|midnight|hourly)$/;

function formFindings(manifest: WrittenManifest): readonly Finding[] {
  const { file, name, object } = manifest;
  const findings: Finding[] = [];
  const tell = (key: string, message: string, todo: string): void => {
    const line = manifest.lineOf('spec', key);
    findings.push({ check: 'C14', severity: 'error', file, line, object: `CronJob/${name}`, message, todo });
  };
  const schedule = word(dig(object, 'spec', 'schedule'));
  if (!MACRO.test(schedule) && schedule.trim().split(/\s+/).length !== 5) {
    const message = `${JSON.stringify(schedule)} is no schedule of five fields`;
    tell('schedule', message, 'Six fields of Nomad end in the year, seven begin with seconds: leave those out.');
  }
  if (word(dig(object, 'spec', 'timeZone')) === '') {
    tell(
      'timeZone',
      "without timeZone it runs by the controller's clock",
      'Write timeZone: Etc/UTC, which is what Nomad takes.',
    );
  }
  if (word(dig(object, 'spec', 'concurrencyPolicy')) === '') {
    tell('concurrencyPolicy', 'it does not say whether runs may overlap', 'Write concurrencyPolicy: Allow or Forbid.');
  }
  if (name.length > LONGEST_NAME) {
    tell('metadata', `its name has ${name.length} characters; ${LONGEST_NAME} are the most`, 'Shorten it.');
  }
  return findings;
}

function periodicFindings({ report }: Subject, { job, module }: JobSubject): readonly Finding[] {
  const { periodic } = job;
  if (!periodic || !module || report.lost(periodic)) return [];
  const { cron: one, crons, prohibit_overlap: overlap, time_zone: zone, enabled } = periodic;
  const isTold = (each: unknown): boolean => isItem(each) && report.tells(each);
  const manifests = module.manifests.filter(isCronJob);
  const count = crons?.value.length ?? 1;
  const where = {
    check: 'C14',
    severity: 'error',
    file: periodic.at.file,
    line: periodic.at.line,
    object: periodic.path,
  } as const;
  if (manifests.length < count) {
    const message = `the job has ${count === 1 ? 'a schedule' : `${count} schedules`}; ${manifests.length} CronJobs were written`;
    return isTold(one) || isTold(crons) ? [] : [{ ...where, message, todo: 'Write one CronJob for each schedule.' }];
  }
  const wanted = overlap.value ? 'Forbid' : 'Allow';
  return manifests.flatMap((manifest): readonly Finding[] => {
    const differs = (key: string, of: unknown, values: readonly string[]): readonly Finding[] => {
      if (isTold(of) || values.includes(word(dig(manifest.object, 'spec', key)))) return [];
      const message = `${key} is not the ${values[0]} of ${periodic.at.file}:${periodic.at.line}`;
      const at = { file: manifest.file, line: manifest.lineOf('spec', key), object: `CronJob/${manifest.name}` };
      return [{ check: 'C14', severity: 'error', ...at, message, todo: `Write ${key}: ${values[0]}.` }];
    };
    const zones = ['UTC', 'Etc/UTC'].includes(zone.value) ? ['Etc/UTC', 'UTC'] : [zone.value];
    return [
      ...differs('timeZone', zone, zones),
      ...differs('concurrencyPolicy', overlap, [wanted]),
      ...(enabled.value ? [] : differs('suspend', enabled, ['true'])),
    ];
  });
}
