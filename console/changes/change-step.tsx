import type { ReactNode } from 'react';
import type { ChangeRow } from '../../src/operator/ledger/ledger-api.ts';
import { CommandLine } from '../parts/copy.tsx';

/** Who does what next. Approving and applying are signed with a person's own key, so that it is a command and no button. */
export function NextStep({ change: { step, trouble } }: { readonly change: ChangeRow }): ReactNode {
  return (
    <div className="next-step">
      {trouble.length > 0 && (
        <ul className="plain-list tone-danger">
          {trouble.map((each) => (
            <li key={each} className="break">
              {each}
            </li>
          ))}
        </ul>
      )}
      {step && (
        <>
          <p>
            <strong>Next:</strong> {step.who}. <span className="quiet">{capital(step.why)}.</span>
          </p>
          <CommandLine command={step.command} />
        </>
      )}
    </div>
  );
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
