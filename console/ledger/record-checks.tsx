import type { ReactNode } from 'react';
import type { RecordDetail } from '../../src/operator/ledger/ledger-api.ts';
import { CommandLine, Copy } from '../parts/copy.tsx';
import { LookWord } from '../parts/look-word.tsx';
import { checkLooks } from './looks.ts';

/** What was looked at about this record, and what came of it. */
export function RecordChecks({ record: { checks, findings, key, seq } }: { readonly record: RecordDetail }): ReactNode {
  const remedies = new Set(findings.filter(({ weight }) => weight === 'break').map(({ remedy }) => remedy));
  return (
    <section aria-labelledby="checks">
      <h2 id="checks">Verified</h2>
      <ul className="findings">
        {checks.map(({ what, outcome, said }) => (
          <li key={what}>
            <LookWord look={checkLooks[outcome]} />
            <span>
              <strong>{what}</strong>: {said}
            </span>
          </li>
        ))}
      </ul>
      {remedies.size > 0 && (
        <div className="failure" role="alert">
          {[...remedies].map((remedy) => (
            <p key={remedy}>
              <strong>What to do.</strong> {remedy}
            </p>
          ))}
        </div>
      )}
      {key !== '' && (
        <p>
          <span className="quiet">Key: </span>
          <code className="break">{key}</code> <Copy text={key} what="the key" />
        </p>
      )}
      <CommandLine command={findings.length > 0 ? 'larder ledger verify' : `larder ledger show ${seq}`} />
    </section>
  );
}
