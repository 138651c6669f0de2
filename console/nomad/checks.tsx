import type { ReactNode } from 'react';
import type { Finding } from '../../src/nomad/check/finding.ts';
import { shellWord } from '../../src/nomad/report/shell-word.ts';
import { CommandLine } from '../parts/copy.tsx';
import { FailureNote } from '../parts/failure-note.tsx';
import { Shape } from '../parts/shape.tsx';
import { Waiting } from '../parts/waiting.tsx';
import type { Jobs } from './jobs.ts';
import { useConversion } from './use-conversion.ts';

const looks = {
  error: { shape: 'square', tone: 'danger' },
  warning: { shape: 'triangle', tone: 'warn' },
  skipped: { shape: 'dashed', tone: 'quiet' },
} as const satisfies Record<Finding['severity'], unknown>;

/** Whether what is written does what the jobs did, by checks that know nothing of how it was made. */
export function Checks({ jobs }: { readonly jobs: Jobs }): ReactNode {
  const { data, error, refetch } = useConversion(jobs, true);
  if (error) return <FailureNote what="The checks were not made" cause={error} retry={() => void refetch()} />;
  if (!data?.findings) return <Waiting what="the checks, which read everything once more" />;
  const { findings } = data;
  const count = (severity: Finding['severity']): number => findings.filter((each) => each.severity === severity).length;
  const wrong = count('error') + count('warning');
  return (
    <section aria-label="Checks">
      <p>
        <strong>
          {wrong === 0 ? 'The checks found nothing wrong.' : `${count('error')} errors, ${count('warning')} warnings.`}
        </strong>{' '}
        <span className="quiet">
          What is written was compared with the jobs: images, environment, secrets, ports, mounts, probes, routes,
          schedules and the schemas of all kinds (C1 to C18 of docs/guides/nomad-check.md).
        </span>
      </p>
      <ul className="findings">
        {findings.map(({ check, severity, file, line, object, message, todo }) => (
          <li key={`${check} ${file} ${line} ${object} ${message}`}>
            <span className={`state tone-${looks[severity].tone}`}>
              <Shape name={looks[severity].shape} />
              {severity}
            </span>
            <span>
              <strong>{check}</strong> <code className="break">{line === undefined ? file : `${file}:${line}`}</code>{' '}
              {object}: {message}
              <span className="said">{todo}</span>
            </span>
          </li>
        ))}
      </ul>
      <p className="quiet">After you have edited what you downloaded, check it again:</p>
      <CommandLine command={`larder nomad check . --in ${shellWord(jobs.folder ?? 'modules')}`} />
    </section>
  );
}
