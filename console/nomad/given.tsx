import { type FormEvent, type ReactNode, useState } from 'react';
import { CommandLine } from '../parts/copy.tsx';
import { convertCommand } from './command.ts';
import { areKept, changeJobs, type Jobs } from './jobs.ts';

/** What went in: files, policy and variables. */
export function Given({ jobs }: { readonly jobs: Jobs }): ReactNode {
  const { files, left } = jobs;
  return (
    <>
      <Settings key={jobs.set} jobs={jobs} />
      <section aria-labelledby="files">
        <h2 id="files">
          Files <span className="number">{files.length}</span>
        </h2>
        <p className="quiet">
          {areKept()
            ? 'They stay in this tab until it is closed, also over a reload.'
            : 'They are too many for this browser to keep: a reload loses them.'}
        </p>
        <ul className="file-names">
          {files.map(({ path }) => (
            <li key={path}>
              <code className="break">{path}</code>
            </li>
          ))}
        </ul>
      </section>
      {left.length > 0 && (
        <section aria-labelledby="left">
          <h2 id="left">Left out</h2>
          <ul className="file-names">
            {left.map(({ path, why }) => (
              <li key={path}>
                <code className="break">{path}</code> <span className="quiet">{why}</span>
              </li>
            ))}
          </ul>
        </section>
      )}
      <section aria-labelledby="same">
        <h2 id="same">The same on the command line</h2>
        <p className="quiet">In the folder that holds the folder of the jobs:</p>
        <CommandLine command={convertCommand(jobs)} />
      </section>
    </>
  );
}

function Settings({ jobs }: { readonly jobs: Jobs }): ReactNode {
  const [policy, setPolicy] = useState(jobs.policy);
  const [variables, setVariables] = useState(jobs.variables);
  const changed = policy !== jobs.policy || variables !== jobs.variables;
  const send = (event: FormEvent): void => {
    event.preventDefault();
    changeJobs({ policy, variables });
  };
  return (
    <form onSubmit={send} aria-label="Policy and variables">
      <div className="settings">
        <label className="field">
          <span>Policy</span>
          <textarea
            rows={8}
            spellCheck={false}
            value={policy}
            placeholder={'storage:\n  class: glusterfs-nfs\nmesh: cilium'}
            onChange={(event) => setPolicy(event.target.value)}
          />
          <span className="quiet">YAML: what is decided once for all jobs; docs/guides/nomad.md has every key</span>
        </label>
        <label className="field">
          <span>Variables</span>
          <textarea
            rows={8}
            spellCheck={false}
            value={variables}
            placeholder={'image_tag = "1.4"\nreplicas  = 2'}
            onChange={(event) => setVariables(event.target.value)}
          />
          <span className="quiet">values of variables of the jobs, as in a file for --var-file</span>
        </label>
      </div>
      <button type="submit" className="primary after" disabled={!changed}>
        Convert again
      </button>
    </form>
  );
}
