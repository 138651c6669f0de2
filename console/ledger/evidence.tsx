import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { EvidenceAnswer } from '../../src/operator/ledger/ledger-api.ts';
import { ask } from '../live/ask.ts';
import { CommandLine } from '../parts/copy.tsx';
import { FailureNote } from '../parts/failure-note.tsx';
import { Waiting } from '../parts/waiting.tsx';
import { Diff } from './diff.tsx';
import { diffOf } from './diff-rows.ts';

interface Properties {
  readonly record: string;
  readonly path: string;
}

/** What is in a file of evidence, asked for when it is looked at: it is compared with its hash each time. */
export function Evidence({ record, path }: Properties): ReactNode {
  const { data, error, refetch } = useQuery({
    queryKey: ['ledger', 'evidence', record, path],
    queryFn: ({ signal }) =>
      ask<EvidenceAnswer>(
        `/api/ledger/records/${encodeURIComponent(record)}/evidence?path=${encodeURIComponent(path)}`,
        undefined,
        signal,
      ),
  });
  if (error) return <FailureNote what="The evidence was not read" cause={error} retry={() => void refetch()} />;
  if (!data) return <Waiting what="the evidence" />;
  return <Shown path={path} answer={data} />;
}

function Shown({ path, answer }: { readonly path: string; readonly answer: EvidenceAnswer }): ReactNode {
  switch (answer.kind) {
    case 'wrong':
      return (
        <div className="failure" role="alert">
          <p>
            <strong>This is not what was recorded.</strong> {answer.why}
          </p>
          <CommandLine command="larder ledger verify" />
        </div>
      );
    case 'bytes':
      return <p className="quiet">{answer.bytes.toLocaleString()} bytes that are no text.</p>;
    case 'text':
      return (
        <>
          <Text path={path} text={answer.text} />
          {answer.cut && <p className="quiet">Cut off here: the file in the repository has more.</p>}
        </>
      );
    default:
      return answer satisfies never;
  }
}

function Text({ path, text }: { readonly path: string; readonly text: string }): ReactNode {
  const diff = diffOf(text);
  if (diff) return <Diff diff={diff} />;
  return <pre className="log">{path.replace(/\.gz$/, '').endsWith('.json') ? laidOut(text) : text}</pre>;
}

/** As it stands where it is no JSON after all. */
function laidOut(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2);
  } catch {
    return text;
  }
}
