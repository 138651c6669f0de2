import type { ReactNode } from 'react';
import type { CertificatesAnswer } from '../../src/cluster/sight/answer.ts';
import { useNow } from '../live/use-live.ts';
import { CommandLine } from '../parts/copy.tsx';
import { ListTable } from '../parts/list.tsx';
import { Moment } from '../parts/moment.tsx';
import { Shape } from '../parts/shape.tsx';
import { dayText } from '../words/time.ts';
import { certificateTone, exactTimeLeft, inOrderOfEnd, timeLeft } from './certificate.ts';
import { Few } from './few.tsx';
import type { Releases } from './release.ts';

/** What runs, and what may not run beside it. */
export function ReleaseList({ releases }: { readonly releases: Releases }): ReactNode {
  const { groups, target, isWritten, behind, forbidden } = releases;
  return (
    <>
      <ul className="things">
        {groups.map(({ release, nodes }) => (
          <li key={release}>
            <strong className="number">{release}</strong> on {nodes.length} {nodes.length === 1 ? 'node' : 'nodes'}
            {groups.length > 1 && <span className="said">{nodes.join(', ')}</span>}
          </li>
        ))}
      </ul>
      {forbidden.map((message) => (
        <p key={message} className="tone-danger break">
          {message}
        </p>
      ))}
      {behind.length > 0 && (
        <>
          <p>
            {behind.length} {behind.length === 1 ? 'node is' : 'nodes are'} not at <strong>{target}</strong>
            {isWritten ? ', which cluster.yaml asks for' : ', the newest that runs'}.
          </p>
          <CommandLine command={`larder cluster plan --upgrade${isWritten ? '' : ` --to ${target}`}`} />
        </>
      )}
    </>
  );
}

/** What the cluster shows to whoever connects, and when it ends. */
export function CertificateList({ answer }: { readonly answer: CertificatesAnswer }): ReactNode {
  const now = useNow(60_000);
  return (
    <>
      <Few items={inOrderOfEnd(answer.certificates)} atMost={20}>
        {(shown) => (
          <ListTable heads={['Certificate', 'Ends', { title: 'Left', right: true }]}>
            {shown.map(({ object, node, endsAt, why, isRefused }) => (
              <tr key={`${object} ${node}`}>
                <th scope="row" className="break">
                  {object}
                  {node !== '' && <span className="quiet below">{node}</span>}
                </th>
                <td>
                  {endsAt === undefined ? (
                    <span className={isRefused ? 'tone-danger break' : 'quiet break'}>{why}</span>
                  ) : (
                    <span className="number">{dayText(endsAt)}</span>
                  )}
                </td>
                <td className="right number">{endsAt !== undefined && <Left endsAt={endsAt} now={now} />}</td>
              </tr>
            ))}
          </ListTable>
        )}
      </Few>
      <p className="quiet">
        Looked at <Moment at={answer.at} />.
        {!answer.isEmbedded && ' k3s renews when it starts what ends within 120 days.'}
      </p>
      {!answer.isEmbedded && <CommandLine command="larder cluster drift --only certificate" />}
    </>
  );
}

function Left({ endsAt, now }: { readonly endsAt: number; readonly now: number }): ReactNode {
  const tone = certificateTone(endsAt, now);
  const [text, title] = [timeLeft(endsAt, now), exactTimeLeft(endsAt, now)];
  if (tone === 'ok') return <span title={title}>{text}</span>;
  return (
    <span className={`state tone-${tone}`} title={title}>
      <Shape name={tone === 'warn' ? 'diamond' : 'triangle'} />
      {text}
    </span>
  );
}
