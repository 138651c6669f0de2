import { type ReactNode, useDeferredValue, useState } from 'react';
import type { Report } from '../../src/nomad/report/report.ts';
import { Link } from '../frame/link.tsx';
import { go, useParameter } from '../frame/use-route.ts';
import { Empty } from '../parts/empty.tsx';
import { List, type ListHead } from '../parts/list.tsx';
import { Shape } from '../parts/shape.tsx';
import { useTableKeys } from '../table/use-table-keys.ts';
import { lineClasses } from './link.ts';
import { classLooks, type Service, servicesLike, servicesOf, verdictLooks } from './service.ts';

/** Address of one service, by the file of its job: names may be the same. */
export function servicePath(file: string, line?: number): string {
  const at = line === undefined ? '' : `&at=${encodeURIComponent(`in:${line}`)}`;
  return `/nomad?job=${encodeURIComponent(file)}${at}`;
}

export function Verdict({ of }: { readonly of: keyof typeof verdictLooks }): ReactNode {
  const { word, shape, tone } = verdictLooks[of];
  return (
    <span className={`state tone-${tone}`}>
      <Shape name={shape} />
      {word}
    </span>
  );
}

export function ServiceTable({ report }: { readonly report: Report }): ReactNode {
  const [text, setText] = useParameter('q');
  const [at, setAt] = useState(-1);
  const services = servicesLike(servicesOf(report), useDeferredValue(text));
  const open = (index: number): void => {
    const service = services[index];
    if (service) go(servicePath(service.module.file));
  };
  useTableKeys({ at, setAt, count: services.length, open });
  return (
    <section aria-label="Services by readiness">
      {report.modules.length > 6 && (
        <div className="toolbar">
          <input
            data-filter=""
            type="search"
            aria-label="Filter the services"
            placeholder="a part of a name or file, or ready, decide, refused"
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        </div>
      )}
      {services.length === 0 && <Empty title="No service fits this filter." />}
      <List heads={heads} kind="services" caption="Services; j and k move, enter opens">
        {services.map((service, index) => (
          <Row key={service.module.file} service={service} chosen={index === at} />
        ))}
      </List>
      <p className="quiet after">
        Those of one step do not call each other; those of an earlier step are called by later ones.
      </p>
    </section>
  );
}

const heads: readonly ListHead[] = [
  'Service',
  'Readiness',
  { title: 'To decide', right: true },
  ...lineClasses.map((each) => ({ title: classLooks[each].head, right: true, means: classLooks[each].means })),
  { title: 'Step', right: true },
  { title: 'Calls', wide: true },
];

function Row({
  service: { module, step },
  chosen,
}: {
  readonly service: Service;
  readonly chosen: boolean;
}): ReactNode {
  return (
    <tr className={chosen ? 'chosen' : ''} aria-current={chosen ? 'true' : undefined}>
      <th scope="row">
        <Link to={servicePath(module.file)}>{module.name}</Link>
        <span className="quiet below break">{module.file}</span>
      </th>
      <td>
        <Verdict of={module.verdict} />
        {module.reasons.map((reason) => (
          <span key={reason} className="said">
            {reason}
          </span>
        ))}
      </td>
      <td className="right number">{module.todos.length}</td>
      {lineClasses.map((each) => (
        <td key={each} className="right number">
          {module.counts[each]}
        </td>
      ))}
      <td className="right number">{step ?? '—'}</td>
      <td className="wide">
        {module.calls.join(', ')}
        {module.shares.length > 0 && (
          <span className="quiet below">shares data with {module.shares.join(', ')}: move them together</span>
        )}
      </td>
    </tr>
  );
}
