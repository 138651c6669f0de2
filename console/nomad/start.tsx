import { type ReactNode, useRef } from 'react';
import { go } from '../frame/use-route.ts';
import { CommandLine } from '../parts/copy.tsx';
import { example } from './example.ts';
import { takeJobs } from './jobs.ts';
import { type ReadOutcome, readChosen } from './read-files.ts';

interface Properties {
  readonly onRead: (outcome: Promise<ReadOutcome>) => void;
}

/** What this screen does, and three ways to begin. */
export function Start({ onRead }: Properties): ReactNode {
  return (
    <div className="empty drop">
      <p>
        <strong>Drop the folder with your Nomad jobs here.</strong>
      </p>
      <p>
        Each job becomes a Kubernetes module, and every line of it is accounted for: what is the same, what differs a
        little, what a person must decide. Beside jobs in HCL or JSON, Terraform files and config entries of Consul are
        read.
      </p>
      <ChooseButtons onRead={onRead}>
        <button
          type="button"
          onClick={() => {
            takeJobs(example);
            go('/nomad'); // not a service of what was there before
          }}
        >
          Show an example
        </button>
      </ChooseButtons>
      <p className="quiet">
        The files stay in this tab. The operator gets them for each conversion, and keeps neither them nor what they
        become; nothing in the cluster changes.
      </p>
      <p className="quiet">The same on the command line, for any number of jobs:</p>
      <CommandLine command="larder nomad convert modules --out . --yes" />
    </div>
  );
}

export function ChooseButtons({ onRead, children }: Properties & { readonly children?: ReactNode }): ReactNode {
  const folder = useRef<HTMLInputElement>(null);
  const files = useRef<HTMLInputElement>(null);
  const take = (input: HTMLInputElement): void => {
    if (input.files && input.files.length > 0) onRead(readChosen(input.files));
    input.value = ''; // the same choice again is a choice again
  };
  return (
    <p className="row">
      <button type="button" className="primary" onClick={() => folder.current?.click()}>
        Choose a folder
      </button>
      <button type="button" onClick={() => files.current?.click()}>
        Choose files
      </button>
      {children}
      <input
        ref={(input) => {
          folder.current = input;
          input?.setAttribute('webkitdirectory', '');
        }}
        data-choose="folder"
        type="file"
        hidden
        onChange={(event) => take(event.currentTarget)}
      />
      <input
        ref={files}
        data-choose="files"
        type="file"
        multiple
        hidden
        onChange={(event) => take(event.currentTarget)}
      />
    </p>
  );
}
