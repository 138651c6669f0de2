import type { ReactNode } from 'react';
import type { Happening } from '../../src/operator/console/feed.ts';
import { Link } from '../frame/link.tsx';
import { volumePath } from '../frame/route.ts';
import { sentenceText } from '../words/size.ts';
import { Moment } from './moment.tsx';

interface Properties {
  /** Newest first. */
  readonly happenings: readonly Happening[];
  /** On the page of an object its name is left out. */
  readonly named?: boolean;
  /** What stands at the end of an entry, as a link to its evidence. */
  readonly ending?: (happening: Happening) => ReactNode;
}

export function Timeline({ happenings, named = true, ending }: Properties): ReactNode {
  return (
    <ol className="timeline">
      {happenings.map((each) => (
        <li key={each.id} className={each.type === 'Warning' ? 'warning' : ''}>
          <span className="when">
            <Moment at={each.at} />
          </span>
          <span>
            {each.type === 'Warning' && <span className="visually-hidden">Warning: </span>}
            <strong>{each.reason}</strong>
            {each.count > 1 && <span className="quiet"> × {each.count}</span>}
            {named && (
              <>
                {' '}
                <Subject happening={each} />
              </>
            )}
            <span className="said">{sentenceText(each.message)}</span>
            {ending?.(each)}
          </span>
        </li>
      ))}
    </ol>
  );
}

function Subject({ happening: { kind, namespace, name } }: { readonly happening: Happening }): ReactNode {
  const text = namespace === '' ? `${kind} ${name}` : `${namespace}/${name}`;
  if (kind !== 'PersistentVolumeClaim') return text;
  return <Link to={volumePath(namespace, name)}>{text}</Link>;
}
